"""What people send: files of figures and workbooks of funding lines, read by a guarded child that knows nothing of
Django, shown, then applied whole. This package imports nothing itself, so that the child loads no more than it reads.

child ← reading ← (families, strings, texts, books, personal) : pure Python, they run beside the site, never in it
sheet ← (books, personal) : the same for some sheets of a workbook
filing → (catalogue, staging) : the figures that are read meet the database
funding → (lines, stated, shares) → cells : the same for the money, one reader a sheet
"""
