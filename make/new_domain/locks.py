"""Locks (``requirements/*.txt``, as uv writes them) without packages that nothing asks for."""

import re
from collections.abc import Callable
from typing import Final

_START: Final = re.compile(r"^(?=[a-z0-9])", re.MULTILINE | re.IGNORECASE)
_VIA: Final = re.compile(r"^ +# via(?: (.+))?$|^ +#   (.+)$", re.MULTILINE)


Reason = Callable[[str, str], str | None]
"""Takes a package and why it is locked: the name of another package, ``-r FILE`` or ``-c FILE``.

Returns why it is locked now, or None if that is no reason any more.
"""


def prune(lock: str, reason: Reason) -> str:
    """Return ``lock`` without the packages that no longer have a reason to be there."""
    blocks = [block for block in _START.split(lock) if block.strip()]
    kept = {
        block: [now for why in _reasons(block) if (now := reason(_package(block), why))]
        for block in blocks
    }
    while lost := {block for block, given in kept.items() if not any(map(_is_demand, given))}:
        gone = {_package(block) for block in lost}
        kept = {
            block: [why for why in given if why not in gone]
            for block, given in kept.items()
            if block not in lost
        }
    return "".join(_with_reasons(block, given) for block, given in kept.items())


def packages(lock: str) -> frozenset[str]:
    """Return the names of the packages in ``lock``."""
    return frozenset(map(_package, _START.split(lock)))


def _is_demand(reason: str) -> bool:
    return not reason.startswith("-c ")


def _package(block: str) -> str:
    return block.partition("==")[0].partition("[")[0]


def _reasons(block: str) -> list[str]:
    return [found[1] or found[2] for found in _VIA.finditer(block) if found[1] or found[2]]


def _with_reasons(block: str, reasons: list[str]) -> str:
    if reasons == _reasons(block):
        return block
    body = _VIA.sub("", block).rstrip("\n")
    if len(reasons) == 1:
        return f"{body}\n    # via {reasons[0]}\n"
    return "\n".join([body, "    # via", *(f"    #   {why}" for why in reasons), ""])
