"""What the pages, the sheets and the documents show of the money: read only, in a number of queries that never grows."""
