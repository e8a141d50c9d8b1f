"""Writes what the merge returns."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from chalice_terraform.merging.model import JsonObject

STANDARD_OUTPUT = "-"


def as_text(template: JsonObject) -> str:
    """Return the template as text: the same text for equal templates."""
    return json.dumps(template, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(path: Path, content: bytes) -> bool:
    """Write the file unless it has this content already, and return whether it was written.

    The file is replaced atomically: a failed write leaves the old one as it was. A file keeps its
    mode, and a symbolic link stays a link: its target is replaced. Raises ``OSError``, also for
    what is not a regular file.
    """
    try:
        mode = _mode(path)
        target = Path(os.path.realpath(path))
        if mode is not None and target.read_bytes() == content:
            return False
        _replace(target, content, mode)
    except OSError as error:
        # Name the file that the caller knows, not the temporary one.
        raise OSError(error.errno, error.strerror, str(path)) from error
    return True


def write_all(folder: Path, contents: Mapping[str, bytes]) -> dict[str, bool]:
    """Write these files of a folder as ``write`` does, and return which of them were written.

    If one cannot be written, those before it get their content back. Raises ``OSError``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = {name: _content(folder / name) for name in contents}
    written: dict[str, bool] = {}
    try:
        for name, content in contents.items():
            written[name] = write(folder / name, content)
    except BaseException:
        for name in written:
            _restore(folder / name, before[name])
        raise
    return written


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if _mode(path) is not None else None


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        write(path, content)


def write_to_standard_output(text: str) -> None:
    """Write the text as UTF-8, whatever the locale. Raises ``OSError``."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except BrokenPipeError as error:
        # Python flushes standard output again at its exit, and would report that too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OSError(error.errno, error.strerror, "standard output") from None


def _replace(target: Path, content: bytes, mode: int | None) -> None:
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        # Not by tempfile, which lets only the owner read: a new file gets its mode from the umask.
        with temporary.open("xb") as file:
            file.write(content)
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int | None:
    """Return the mode of the file, ``None`` if there is none. Raises ``OSError``."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode) or _is_standard_output(found):
        what = "not a regular file; to write to standard output, give - as the file"
        raise OSError(errno.EINVAL, what, str(path))
    return stat.S_IMODE(found.st_mode)


def _is_standard_output(found: os.stat_result) -> bool:
    """Return whether this is the file that standard output is redirected to."""
    with contextlib.suppress(OSError):
        return os.path.samestat(found, os.fstat(1))
    return False
