"""The file of a log, packed by gzip where its name ends in ``.gz``."""

import fcntl
import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from apps.log.lines import Unusable

_PACKED: Final = ".gz"
_LEVEL: Final = 6
_BUFFER_BYTES: Final = 1 << 16

Write = Callable[[bytes], object]


@contextmanager
def new_file(path: Path) -> Iterator[Write]:
    """Yield what writes to a new file, which appears at ``path`` when the block ends.

    Until then it is ``path`` with ``.part``, which an error removes. Only this user may read it: it
    has what the log has. Raises Unusable where ``path`` is there already, is being written, or
    cannot be.
    """
    _check_absent(path)
    part = path.with_name(f"{path.name}.part")
    # Not emptied before the lock is held: another program may be writing it.
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unusable(f"it cannot be written ({error.strerror})") from error
    with os.fdopen(descriptor, "r+b", _BUFFER_BYTES) as raw:
        try:
            fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unusable(f"another program is writing {part}") from error
        _check_absent(path)  # by a program that has ended since: it was its file that was opened
        raw.truncate()
        try:
            with _packing(path, raw) as write:
                yield write
            raw.flush()
            os.fsync(raw.fileno())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _check_absent(path: Path) -> None:
    if path.exists():
        raise Unusable("it is there already: remove it, or name another FILE")


@contextmanager
def _packing(path: Path, raw: IO[bytes]) -> Iterator[Write]:
    if path.suffix != _PACKED:
        yield raw.write
        return
    with gzip.GzipFile("", "wb", _LEVEL, raw) as packed:
        yield packed.write


@contextmanager
def lines_of(path: Path) -> Iterator[Callable[[], Iterator[bytes]]]:
    """Yield what reads the lines of the file at ``path`` from its beginning, as often as needed.

    It is the same file each time, whatever is put in its place meanwhile. Raises Unusable.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise Unusable(f"it cannot be read ({error.strerror})") from error

    def read() -> Iterator[bytes]:
        raw.seek(0)
        try:
            yield from gzip.GzipFile("", "rb", fileobj=raw) if path.suffix == _PACKED else raw
        except (OSError, EOFError, zlib.error) as error:
            raise Unusable(f"it is not whole, or damaged ({error})") from error

    with raw:
        yield read
