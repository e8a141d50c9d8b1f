"""Markdown documents by their sections: a heading of the second level and what follows it."""

import re
from collections.abc import Container, Mapping
from typing import Final

_HEADING: Final = re.compile(r"^## ", re.MULTILINE)
_TEST: Final = re.compile(r"(?P<comma>, )?`(?P<path>tests/[^`:]+)::(?P<name>\w+)`(?P<after>, )?")


def without_lost_tests(document: str, files: Mapping[str, str]) -> str:
    """Return ``document`` without the tests that it names and ``files`` do not have.

    It names a test as `` `tests/file.py::name` ``.
    """

    def replacement(test: re.Match[str]) -> str:
        if f"def {test['name']}(" in files.get(test["path"], ""):
            return test[0]
        return ", " if test["comma"] and test["after"] else ""

    return _TEST.sub(replacement, document)


def merged(document: str, overlay: str, dropped: Container[str]) -> str:
    """Return ``document`` without the sections ``dropped``, and with those of ``overlay``.

    These replace its own. What stands before the first heading is ``overlay``'s.
    """
    theirs = sections(overlay)
    ours = {**sections(document), "": ""}
    return "".join(theirs.get(h, text) for h, text in ours.items() if h not in dropped)


def sections(document: str) -> dict[str, str]:
    """Return the sections by their headings; what stands before the first one is under ""."""
    parts = _HEADING.split(document)
    titled = {part.partition("\n")[0]: f"## {part}" for part in parts[1:]}
    return {"": parts[0], **titled}
