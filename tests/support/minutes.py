"""How long a program of the tests is to look for mistakes."""

import os
import sys


def read_minutes() -> float:
    """Return MINUTES, by default 5. Exit with one line for what is no number above 0."""
    text = os.environ.get("MINUTES") or "5"
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes < float("inf"):
        sys.exit(f"MINUTES must be a number above 0, not {text!r}.")
    return minutes
