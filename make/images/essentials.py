"""What apps/Dockerfile runs in the base image: copy what a Python program needs of it.

``python3 essentials.py FOLDER`` makes of FOLDER a root with Python, its libraries and what they
read: no shell, no package manager and none of the base's other programs. It uses nothing but
Python's standard library, and ldd and ldconfig, which are part of glibc.
"""

import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOR_WHEELS: Final = (
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libutil.so.1",
    "libz.so.1",
)
"""The libraries that compiled packages may find on a system (PEP 600), without those of X."""

FOR_NAMES: Final = ("libnss_dns.so.2", "libnss_files.so.2")
"""How glibc looks up hosts, before 2.34; since then that is in ``libc.so.6``."""

READ: Final = (
    "/etc/group",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
)
"""What Python, its libraries and the loader read, where the base has it."""

NOT_RUN: Final = ("config-*",)
"""Of the standard library: what programs that embed Python are built with."""


def essentials() -> Iterator[Path]:
    """Yield the files and folders that this Python needs."""
    library = Path(sysconfig.get_path("stdlib"))
    yield Path(sys.executable)
    yield from (path for path in library.iterdir() if not any(map(path.match, NOT_RUN)))
    yield from _libraries_of([Path(sys.executable), *library.glob("lib-dynload/*.so")])
    yield from _libraries_of([path for name, path in _known() if name in FOR_WHEELS + FOR_NAMES])
    yield from (path for path in map(Path, READ) if path.exists())
    trusted = ssl.get_default_verify_paths()
    certificates = (Path(trusted.openssl_cafile), Path(trusted.openssl_capath))
    yield from (path for path in certificates if path.exists())


def _libraries_of(programs: list[Path]) -> Iterator[Path]:
    """Yield ``programs`` and the libraries that they are linked with, the loader included."""
    for program in programs:
        listed = _output_of("ldd", str(program))
        if "not found" in listed:
            sys.exit(f"{program} lacks a library:\n{listed}")
        yield program
        yield from map(Path, re.findall(r"(/\S+) \(0x", listed))


def _known() -> list[tuple[str, Path]]:
    """Return the names of the libraries that the loader finds, with their files."""
    listed = re.findall(r"^\s(\S+) .*=> (\S+)$", _output_of("ldconfig", "-p"), re.MULTILINE)
    return [(name, Path(path)) for name, path in listed]


def _output_of(*command: str) -> str:
    folders = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    done = subprocess.run(command, env=folders, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def bring(path: Path, root: Path) -> None:
    """Copy ``path`` to its place below ``root``, with all links on the way and what they lead to.

    On Debian, for one, ``/lib`` is a link.
    """
    for part in reversed([path, *path.parents]):
        if part.is_symlink():
            link, target = root / part.relative_to("/"), part.readlink()
            if not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(target)
            rest = path.relative_to(part)
            bring(Path(os.path.normpath(part.parent / target / rest)), root)
            return
    copied = root / path.relative_to("/")
    if path.is_dir():
        copied.mkdir(parents=True, exist_ok=True)
        for inner in path.iterdir():
            bring(inner, root)
    elif not copied.exists():
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copied)


def main(folder: str) -> None:
    """Fill ``folder``."""
    root = Path(folder)
    for path in essentials():
        bring(path, root)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)


if __name__ == "__main__":
    main(*sys.argv[1:])
