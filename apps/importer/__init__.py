"""Imports a CSV file of books through the command service: `python -m apps.importer FILE`."""
