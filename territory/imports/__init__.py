"""Files of figures: read by a guarded child that knows nothing of Django, shown, then applied whole.

child ← reading ← (families, strings, texts, books, personal) : pure Python, they run beside the site, never in it
filing → (catalogue, staging) : what is read meets the database
"""
