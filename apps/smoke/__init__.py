"""The smoke test of a deployed API: ``python -m apps.smoke``."""
