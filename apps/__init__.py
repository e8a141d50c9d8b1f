"""The programs: two Chalice apps, the importer, rebuild, redrive, and what only a laptop needs."""
