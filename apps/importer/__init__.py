"""The import of a CSV file of books: ``python -m apps.importer FILE``."""
