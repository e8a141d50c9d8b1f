"""Writes what the merge returns."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from chalice_terraform.merging.model import JsonObject


def as_text(template: JsonObject) -> str:
    """Return the template as text: the same text for equal templates."""
    return json.dumps(template, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> bool:
    """Write the file unless it has this text already, and return whether it was written.

    The file is replaced atomically: a failed write leaves the old one as it was. Raises
    ``OSError``.
    """
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == text.encode():
            return False
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)  # mkstemp lets only the owner read
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True
