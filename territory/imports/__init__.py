"""What people send: files of figures and workbooks of funding lines, read by a guarded child that knows nothing of
Django, shown, then applied whole. This package imports nothing itself, so that the child loads no more than it reads.

child ← reading ← (families, strings, texts, books, personal) : pure Python, they run beside the site, never in it
sheet ← (books, personal) : the same for one sheet of lines
filing → (catalogue, staging) : what is read meets the database ; lines : the same for the funding lines
"""
