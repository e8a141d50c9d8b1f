"""Rewrites Chalice's zip files so that equal sources give equal files.

Chalice writes a fixed time for every file, but their order is that of the file system, their
permissions are those of the umask, and the bytecode of ``chalicelib`` and ``vendor`` that an import
or ``chalice local`` has left behind, which contains the time of its source, is packaged too.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can express, and Chalice's choice
_UNIX = 3
_LEVEL = 6


def make_reproducible(path: Path) -> None:
    """Rewrite the zip file: sorted, without bytecode, readable by the user that Lambda has.

    Equal contents give equal bytes with the same zlib.
    """
    rewritten = path.with_name(f"{path.name}.new")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(rewritten, "w") as target:
        for name, entry in _files(source):
            target.writestr(entry, source.read(name), compresslevel=_LEVEL)
    rewritten.replace(path)


def _files(source: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    # Where a name occurs twice, as a dependency's and below vendor/, the last one counts.
    for name in sorted(set(source.namelist())):
        if "__pycache__" in name.split("/"):
            continue
        entry = zipfile.ZipInfo(name, _TIME)
        entry.create_system = _UNIX
        entry.compress_type = zipfile.ZIP_DEFLATED
        executable = source.getinfo(name).external_attr >> 16 & 0o100
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        yield name, entry
