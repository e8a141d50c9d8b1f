"""``make openapi-breaking BASE=``: list what breaks the clients of an earlier document.

BASE is a file, or a revision of git whose docs/openapi.json is taken. The exit status is 1 when
something breaks them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from make.openapi.breaking import breaking_changes

DOCUMENT: Final = "docs/openapi.json"


class NoDocument(Exception):
    """There is no document to compare; ``str()`` says why."""


def read_base(base: str) -> dict[str, Any]:
    """Return the document in a file, or of a revision of git. Raise NoDocument."""
    if not base:
        raise NoDocument("BASE= is missing: a file, or a revision of git such as main.")
    if Path(base).is_file():
        text = Path(base).read_text()
    else:
        shown = subprocess.run(
            ["git", "show", f"{base}:{DOCUMENT}"],  # noqa: S607 - git is where PATH says
            capture_output=True,
            text=True,
            check=False,
        )
        if shown.returncode:
            raise NoDocument(f"BASE={base} is no file, nor a revision: {shown.stderr.strip()}")
        text = shown.stdout
    document: dict[str, Any] = json.loads(text)
    return document


def compare(base: str, document: Path) -> int:
    """Print a line for each change that breaks clients; return 1 if there is one, 2 if unknown."""
    try:
        old = read_base(base)
    except NoDocument as problem:
        print(problem, file=sys.stderr)
        return 2
    changes = breaking_changes(old, json.loads(document.read_text()))
    for change in changes:
        print(change)
    if not changes:
        print(f"Nothing breaks the clients of {base}.")
    return 1 if changes else 0


def main() -> None:
    """Compare the documents that the environment names."""
    sys.exit(compare(os.environ.get("BASE", ""), Path(os.environ.get("DOCUMENT", DOCUMENT))))


if __name__ == "__main__":
    main()
