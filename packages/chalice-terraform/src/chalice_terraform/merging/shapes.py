"""Shapes of JSON values, declared as data, and where a value differs from its shape.

A shape is a ``Leaf``, a list with the shape of each item, or an object: a dict from member to
shape. A member whose name ends in ``?`` may be missing; ``{EACH: shape}`` allows any members.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from .model import JsonObject

EACH = "*"
"""Stands for every member of an object."""

MAX_DEPTH = 64
_REMOVE = "remove it, or define it in an override file"


@dataclass(frozen=True)
class Leaf:
    """A value without parts. ``what`` completes the sentence ``it must be ...``."""

    what: str
    accepts: Callable[[Any], bool]


Shape = Union[Leaf, Sequence["Shape"], Mapping[str, "Shape"]]


@dataclass(frozen=True)
class Mismatch:
    """Where a value differs from its shape, as the keys that lead there, and how it differs.

    ``what`` is empty for a member that the shape does not name.
    """

    path: tuple[str, ...]
    what: str = ""

    def below(self, depth: int) -> str:
        """Return it in words, without the first keys: ``timeout is null; ...``."""
        thing = dotted(self.path[depth:]) or "it"
        return (
            f"{thing} {self.what}"
            if self.what
            else f"the merge does not support {thing}; {_REMOVE}"
        )


def _is_number(value: Any) -> bool:
    """Return whether Terraform takes the value for a number, or may at least: a template."""
    if isinstance(value, str):
        return "${" in value or value.isdecimal()
    return isinstance(value, (int, float)) and not isinstance(value, bool)


ANYTHING = Leaf("anything", lambda _: True)
TEXT = Leaf("text", lambda value: isinstance(value, str))
NAME = Leaf("text that is not blank", lambda value: isinstance(value, str) and bool(value.strip()))
TEXTS = Leaf(
    "text or a list of texts",
    lambda value: (
        all(isinstance(item, str) for item in value)
        if isinstance(value, list)
        else isinstance(value, str)
    ),
)
NUMBER = Leaf("a number", _is_number)
FLAG = Leaf("true or false", lambda value: isinstance(value, bool))


def or_null(leaf: Leaf) -> Leaf:
    """Return the shape of a value that may also be null."""
    return Leaf(f"{leaf.what} or null", lambda value: value is None or leaf.accepts(value))


def mismatches(value: Any, shape: Shape, path: tuple[str, ...] = ()) -> Iterator[Mismatch]:
    """Yield where the value differs from its shape."""
    if isinstance(shape, Leaf):
        if not shape.accepts(value):
            yield _mismatch(path, value, shape.what)
    elif isinstance(shape, Mapping):
        if isinstance(value, dict):
            yield from _members(value, shape, path)
        else:
            yield _mismatch(path, value, "an object")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from mismatches(item, shape[0], (*path, f"[{number}]"))
    else:
        yield _mismatch(path, value, "a list")


def _members(
    value: JsonObject, shape: Mapping[str, Shape], path: tuple[str, ...]
) -> Iterator[Mismatch]:
    for name, member in value.items():
        expected = shape.get(name, shape.get(f"{name}?", shape.get(EACH)))
        if expected is None:
            yield Mismatch((*path, name))
        else:
            yield from mismatches(member, expected, (*path, name))
    for name in shape:
        if name != EACH and not name.endswith("?") and name not in value:
            yield Mismatch((*path, name), "is missing; package the app again")


def dotted(path: tuple[str, ...]) -> str:
    """Return how problems write the keys that lead to a value: ``a.b[0].c``."""
    return ".".join(path).replace(".[", "[")


def not_json(value: Any) -> str:
    """Return why the value cannot be written as JSON for Terraform, empty if it can.

    Does not recurse, so that no depth is too deep for it.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return ""
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                following += [*item, *item.values()]
            elif isinstance(item, list):
                following += item
            elif isinstance(item, str):
                if not _is_encodable(item):
                    return f"{item!r} is not valid Unicode"
            elif isinstance(item, float) and not math.isfinite(item):
                return f"{item} is not a number in JSON"
        level = following
    return f"it is nested more than {MAX_DEPTH} levels deep"


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _mismatch(path: tuple[str, ...], value: Any, wanted: str) -> Mismatch:
    if value is None or value == "":
        found = "null" if value is None else "empty"
        return Mismatch(path, f"is {found}; set it where you package the app")
    return Mismatch(path, f"is {_described(value)}; it must be {wanted}")


def _described(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f'"{value}"'
    return "an object" if isinstance(value, dict) else "a list"
