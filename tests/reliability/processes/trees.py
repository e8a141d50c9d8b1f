"""Other versions of the code: copies of it with a few edits, which run beside the present one."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from apps.local.run import ROOT
from tests.reliability.processes.history import SERIES


class Edit(NamedTuple):
    """A text that a file has once, and what replaces it."""

    path: str
    old: str
    new: str


NEXT_VERSION: Final = (
    Edit(
        "core/domain/details.py",
        "    subjects: tuple[str, ...] = ()\n",
        f"    subjects: tuple[str, ...] = ()\n    {SERIES}: str | None = None\n",
    ),
    Edit(
        "core/domain/rules.py",
        "    language: _Language | None =",
        f"    {SERIES}: _Title | None = None\n    language: _Language | None =",
    ),
    Edit("core/domain/events.py", "added_1_to_2)", "added_1_to_2, unchanged)"),
    Edit("core/domain/events.py", "revised_1_to_2)", "revised_1_to_2, unchanged)"),
    Edit(
        "core/domain/events.py",
        "from core.ports.events import EventCodec, EventType\n",
        "from core.ports.events import EventCodec, EventType, unchanged\n",
    ),
)
"""A new optional field, and so a new schema version of the events that have it."""


def edited_tree(folder: Path, edits: Sequence[Edit]) -> Path:
    """Return a copy of the code in ``folder``, with ``edits``."""
    for part in ("core", "apps"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    for edit in edits:
        file = folder / edit.path
        text = file.read_text("utf-8")
        assert text.count(edit.old) == 1, f"{edit.path} has changed: {edit.old!r}"
        file.write_text(text.replace(edit.old, edit.new), "utf-8")
    return folder
