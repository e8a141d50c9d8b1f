"""The environment of processes that import the package from its sources."""

from __future__ import annotations

import os
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src"


def with_sources() -> dict[str, str]:
    """Return the environment of this process, with the sources on Python's path."""
    return {**os.environ, "PYTHONPATH": str(SOURCES)}
