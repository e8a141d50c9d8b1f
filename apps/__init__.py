"""Programs: two Chalice apps, import, export, operations, and what only a laptop needs."""
