"""A new project as a pure function of this repository's files; paths are relative, with slashes.

``repository`` is without the files that ``manifest.is_dropped`` names.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from make.new_domain.documents import merged, without_lost_tests
from make.new_domain.locks import packages, prune
from make.new_domain.manifest import (
    DERIVED,
    DROPPED_NAMES,
    DROPPED_PACKAGES,
    DROPPED_SECTIONS,
    EDITS,
    TEST_PACKAGES,
    VERBATIM,
    Edit,
)
from make.new_domain.modules import without
from make.new_domain.names import Names
from make.new_domain.renaming import renamer
from make.new_domain.wrapping import wrapped

_LOCAL: Final = "requirements/local.in"
_RUN: Final = "requirements/run.txt"
_TEST: Final = "requirements/test.in"
_TEST_LOCKS: Final = frozenset({"requirements/test.txt", "requirements/tools.txt"})

Files = Mapping[str, str]


def new_project(repository: Files, seed: Files, names: Names) -> dict[str, str]:
    """Return the files of the new project."""
    rename = renamer(names)
    kept = without_books(repository)
    documents = {
        path: merged(kept[path], seed[path], dropped) for path, dropped in DROPPED_SECTIONS.items()
    }
    files = {**kept, **seed, **documents}
    files |= {
        path: without_lost_tests(text, files)
        for path, text in files.items()
        if path.endswith(".md")
    }
    renamed = {rename(path): _tidied(path, rename(text)) for path, text in files.items()}
    verbatim = {path: kept[path] for path in VERBATIM}
    return {**renamed, **verbatim, "NOTICE": DERIVED + verbatim["NOTICE"]}


def without_books(repository: Files) -> dict[str, str]:
    """Return the files without the parts of them that are about books."""
    files = dict(repository)
    files |= {path: without(files[path], names) for path, names in DROPPED_NAMES.items()}
    for edit in EDITS:
        files[edit.path] = edited(files[edit.path], edit)
    return files | dict(_without_packages(files))


def edited(text: str, edit: Edit) -> str:
    """Return ``text`` with the edit made. Raises ValueError unless it matches as it should."""
    text, count = re.subn(edit.pattern, edit.replacement, text, flags=re.MULTILINE)
    if count != edit.matches:
        raise ValueError(f"{edit} matches {count} times")
    return text


def _without_packages(files: Files) -> Iterable[tuple[str, str]]:
    constraints = packages(prune(files[_RUN], partial(_reason, _RUN, frozenset())))
    for path, text in files.items():
        if path.startswith("requirements/") and path.endswith(".in"):
            leaving = DROPPED_PACKAGES | (TEST_PACKAGES if path == _LOCAL else frozenset())
            arriving = sorted(TEST_PACKAGES) if path == _TEST else []
            lines = [line for line in text.splitlines() if line not in leaving]
            yield path, "".join(f"{line}\n" for line in [*lines, *arriving])
        elif path.startswith("requirements/") and path.endswith(".txt"):
            yield path, prune(text, partial(_reason, path, constraints))


def _reason(lock: str, constraints: frozenset[str], package: str, why: str) -> str | None:
    """Return why ``package`` is in ``lock`` now that ``why`` was the reason (``locks.Reason``)."""
    if why.startswith("-c "):
        return why if package in constraints else None
    if package in TEST_PACKAGES and why == f"-r {_LOCAL}":
        return f"-r {_TEST}" if lock in _TEST_LOCKS else None
    return None if package in DROPPED_PACKAGES and why.startswith("-r ") else why


def _tidied(path: str, text: str) -> str:
    """Return JSON with its keys in order again, and Python with its lines in their width again.

    New words sort in another order, and are longer.
    """
    if path.endswith(".tf.json"):
        return json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
    return wrapped(text) if path.endswith(".py") else text
