"""The import of a file of books: ``python -m apps.importer FILE``."""
