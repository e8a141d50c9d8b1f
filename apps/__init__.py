"""The programs: two Chalice apps, the importer, the rebuild, and what only a laptop needs."""
