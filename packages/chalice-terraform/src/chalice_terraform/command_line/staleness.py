"""Detects zip files that Chalice made of earlier sources.

Chalice finds a zip file that it can use again by a digest of the sources' contents, without their
names: a renamed module, or a new empty one, is not noticed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_LAYER = re.compile(r"^python/lib/[^/]+/site-packages/")
_BYTECODE = "__pycache__"


def missing_files(project: Path, zips: Iterable[Path]) -> list[str]:
    """Return the files of the project that Chalice would package anew, but these zips lack."""
    packaged = {_LAYER.sub("", name) for path in zips for name in _names(path)}
    vendored = [
        path
        for path in _files(project / "vendor")
        if (project / "vendor" / path).stat().st_size > 0  # a layer of empty files alone is none
    ]
    own = ["app.py", *(f"chalicelib/{path}" for path in _files(project / "chalicelib"))]
    return [
        *(path for path in own if path not in packaged),
        *(f"vendor/{path}" for path in vendored if path not in packaged),
    ]


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as zipped:
        return zipped.namelist()


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and _BYTECODE not in name.parts:
            yield name.as_posix()
