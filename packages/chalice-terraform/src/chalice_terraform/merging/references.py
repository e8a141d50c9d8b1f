"""Finds and replaces the references in Terraform's string templates.

See "Strings and Templates" in Terraform's documentation: ``${...}`` and ``%{...}`` contain an
expression, in which quoted strings are templates again; ``$${`` and ``%%{`` are escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Replace = Callable[[str], str]
"""From a traversal, such as ``data.aws_region.chalice.name``, to its replacement."""

_TRAVERSAL = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*")
_ESCAPES = ("$${", "%%{")
_OPENINGS = ("${", "%{")
_POLICY_VARIABLE = re.compile(r"\$\{[\w-]+:[\w/.-]+\}")  # as in IAM: ${aws:username}


class TemplateError(ValueError):
    """Terraform cannot parse the template; the message says what to do about it."""


def replace_references(value: Any, replace: Replace) -> Any:
    """Return the JSON value with each traversal in its templates replaced.

    The items of a ``depends_on`` are traversals, not templates. Raises ``TemplateError``.
    """
    if isinstance(value, str):
        return replace_in_template(value, replace)
    if isinstance(value, list):
        return [replace_references(item, replace) for item in value]
    if isinstance(value, dict):
        return {
            replace_in_template(key, replace): (
                [replace(item) for item in member]
                if key == "depends_on"
                else replace_references(member, replace)
            )
            for key, member in value.items()
        }
    return value


def references_in(value: Any) -> frozenset[str]:
    """Return all traversals in the JSON value's templates. Raises ``TemplateError``."""
    found: set[str] = set()

    def note(traversal: str) -> str:
        found.add(traversal)
        return traversal

    replace_references(value, note)
    return frozenset(found)


def replace_in_template(text: str, replace: Replace) -> str:
    """Return the template with only its traversals replaced. Raises ``TemplateError``."""
    if not any(opening in text for opening in _OPENINGS):
        return text
    return _literal(text, 0, replace, quoted=False)[0]


def _literal(text: str, at: int, replace: Replace, *, quoted: bool) -> tuple[str, int]:
    """Return the text from ``at`` to its end (the closing quote if quoted), and that position."""
    parts: list[str] = []
    while at < len(text):
        if quoted and text[at] == '"':
            return "".join(parts), at
        if text.startswith(_ESCAPES, at):
            step = 3
        elif text.startswith(_OPENINGS, at):
            _refuse_policy_variable(text, at)
            expression, end = _expression(text, at + 2, replace)
            parts.append(text[at : at + 2] + expression + "}")
            at = end + 1
            continue
        else:
            step = 2 if quoted and text[at] == "\\" else 1
        parts.append(text[at : at + step])
        at += step
    if quoted:
        raise TemplateError('a string inside ${...} is not closed; add the "')
    return "".join(parts), at


def _expression(text: str, at: int, replace: Replace) -> tuple[str, int]:
    """Return the expression from ``at``, and the position of its closing brace."""
    parts: list[str] = []
    depth = 0
    while at < len(text):
        traversal = _TRAVERSAL.match(text, at)
        if traversal:
            inner = text[at - 1] == "."  # the rest of x[0].name, not a traversal
            parts.append(traversal.group() if inner else replace(traversal.group()))
            at = traversal.end()
            continue
        character = text[at]
        if character == "\\":
            raise TemplateError(
                'Chalice writes a " inside ${...} in a policy as \\"; assign the expression to a '
                "local value, and refer to that"
            )
        if character == '"':
            string, end = _literal(text, at + 1, replace, quoted=True)
            character = f'"{string}"'
            at = end
        elif character == "}" and depth == 0:
            return "".join(parts), at
        depth += {"{": 1, "}": -1}.get(character, 0)
        parts.append(character)
        at += 1
    raise TemplateError("a ${ has no closing }; add it, or write $${ for a literal ${")


def _refuse_policy_variable(text: str, at: int) -> None:
    variable = _POLICY_VARIABLE.match(text, at)
    if variable:
        raise TemplateError(
            f"the policy variable {variable.group()} must be escaped as ${variable.group()}"
        )
