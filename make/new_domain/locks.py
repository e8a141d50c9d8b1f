"""Lock files (``requirements/*.txt``, as uv writes them) without the packages that nothing asks for any more."""

import re
from collections.abc import Callable
from typing import Final

_START: Final = re.compile(r"^(?=[a-z0-9])", re.MULTILINE | re.IGNORECASE)
_VIA: Final = re.compile(r"^ +# via(?: (.+))?$|^ +#   (.+)$", re.MULTILINE)


def prune(lock: str, rename: Callable[[str, str], str | None]) -> str:
    """Return ``lock`` without what no longer has a reason to be there.

    ``rename`` takes a package and a file that asks for it, and returns the file that asks for it now, or None.
    """
    reasons = {block: _reasons(block) for block in _START.split(lock) if block.strip()}
    kept = {
        block: [new for why in given if (new := _now(block, why, rename))]
        for block, given in reasons.items()
    }
    while True:
        packages = {_package(block) for block in kept}
        remaining = {
            block: [why for why in given if why.startswith("-") or why in packages]
            for block, given in kept.items()
        }
        needed = {
            b: given
            for b, given in remaining.items()
            if any(not w.startswith("-c ") for w in given)
        }
        if needed == kept:
            return "".join(_with_reasons(block, given) for block, given in kept.items())
        kept = needed


def _package(block: str) -> str:
    return block.partition("==")[0].partition("[")[0]


def _reasons(block: str) -> list[str]:
    return [found[1] or found[2] for found in _VIA.finditer(block) if found[1] or found[2]]


def _now(block: str, why: str, rename: Callable[[str, str], str | None]) -> str | None:
    if not why.startswith("-r "):
        return why
    asks = rename(_package(block), why.removeprefix("-r "))
    return asks and f"-r {asks}"


def _with_reasons(block: str, reasons: list[str]) -> str:
    if reasons == _reasons(block):
        return block
    body = _VIA.sub("", block).rstrip("\n")
    if len(reasons) == 1:
        return f"{body}\n    # via {reasons[0]}\n"
    return "\n".join([body, "    # via", *(f"    #   {why}" for why in reasons), ""])
