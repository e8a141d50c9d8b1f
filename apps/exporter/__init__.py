"""The export of all books to a file that the importer takes: ``python -m apps.exporter FILE``."""
