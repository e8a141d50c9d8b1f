"""Finds and replaces the references in the strings of a JSON value: see expressions.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .expressions import TemplateError, replace_in_template, traversals_in

Replace = Callable[[str], str]
"""From a traversal, such as ``data.aws_region.chalice.name``, to its replacement."""

Path = tuple[str, ...]
"""The keys that lead to a string."""

Report = Callable[[Path, TemplateError], None]
"""Takes each string that Terraform cannot read."""


def _raise(_: Path, error: TemplateError) -> None:
    raise error


def replace_references(
    value: Any, replace: Replace, report: Report = _raise, path: Path = ()
) -> Any:
    """Return the JSON value with each traversal in its templates replaced.

    The items of a ``depends_on`` are traversals, not templates. A string that Terraform cannot
    read becomes empty; without ``report``, it raises ``TemplateError``.
    """
    if isinstance(value, str):
        try:
            return replace_in_template(value, replace)
        except TemplateError as error:
            report(path, error)
            return ""
    if isinstance(value, list):
        return [
            replace_references(item, replace, report, (*path, f"[{number}]"))
            for number, item in enumerate(value)
        ]
    if isinstance(value, dict):
        return {
            replace_references(key, replace, report, path): (
                [replace(item) for item in member]
                if key == "depends_on" and isinstance(member, list)
                else replace_references(member, replace, report, (*path, key))
            )
            for key, member in value.items()
        }
    return value


def references_in(value: Any) -> frozenset[str]:
    """Return all traversals in the JSON value's templates. Raises ``TemplateError``.

    The value is the merge's own, in which ``each`` may have a meaning.
    """
    return frozenset(_references(value))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from traversals_in(value)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from traversals_in(key)
            if key == "depends_on" and isinstance(member, list):
                yield from member
            else:
                yield from _references(member)
