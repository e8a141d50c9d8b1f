"""What the log and its read model are at: ``python -m apps.status``."""
