"""Runs a module of the project on a machine whose clock is wrong: ``wrong_clock.py FILE MODULE``.

The clock of its commands is ahead by the seconds in FILE, which is read at each use. Nothing of the
tests is imported, so the program may be of another version of the code.
"""

import runpy
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.bootstrap import process


def main() -> None:
    """Run the module with the arguments that follow its name."""
    file, module, *arguments = sys.argv[1:]
    path = Path(file)

    def shifted() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(path.read_text()))

    process.utc_now = shifted
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
