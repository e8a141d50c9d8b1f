"""A user whom the modes of files stop, and a folder of that user's: root passes them all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NOBODY: Final = 65534


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """Be an ordinary user inside, and yield an empty folder.

    The folder is not pytest's own, which only its user may enter. Whoever is no root stays as is.
    """
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if is_root:
            os.chown(folder, _NOBODY, -1)
            os.seteuid(_NOBODY)
        try:
            yield folder
        finally:
            folder.chmod(0o700)
            if is_root:
                os.seteuid(0)
