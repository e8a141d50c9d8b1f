"""Programs: two Chalice apps, import, export, rebuild, redrive, and what only a laptop needs."""
