"""``make openapi``: write ``docs/openapi.json`` from both services."""

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from apps.command.app import app as command
from apps.openapi.document import About, document
from apps.query.app import app as query
from core.config import PROBLEM_TYPES, PROJECT_NAME
from core.domain.manifest import BOOKS

ROOT: Final = Path(__file__).resolve().parents[2]
PATH: Final = ROOT / "docs" / "openapi.json"

_DESCRIPTION: Final = (
    "Commands are accepted by one service and views are read from another, which is a moment"
    " behind: ``min_version`` waits for a write. Every GET responds to HEAD as well: the same"
    " response without its body."
)


def generated() -> dict[str, Any]:
    """Return the document of both services as they are."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    about = About(PROJECT_NAME, version, _DESCRIPTION, PROBLEM_TYPES)
    return document({"command": command, "query": query}, BOOKS, about)


def main() -> None:
    """Write the document where it is committed."""
    PATH.write_text(json.dumps(generated(), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
