"""The values that the stages of the merge pass on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """One Chalice app: its name in the stack, and its ``chalice.tf.json`` as JSON."""

    name: str
    template: JsonObject


@dataclass(frozen=True)
class Options:
    """How to merge.

    ``api`` is the HTTP API's name, as a Terraform resource and in AWS. ``payload_format`` is that
    of the HTTP API's integrations; Chalice's handlers read 1.0. ``audiences`` maps the name of a
    Cognito authorizer to the ids of its app clients, which may be Terraform references.
    ``allow_drop`` names the features, out of ``drops.DROPS``, that the stack may lose because HTTP
    APIs lack them.
    """

    api: str = "api"
    payload_format: Literal["1.0", "2.0"] = "1.0"
    audiences: Mapping[str, Sequence[str]] = field(default_factory=dict)
    allow_drop: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Block:
    """One block of the stack: its path, such as ``("resource", type, name)``, and its body.

    A local value may be text as well.
    """

    path: tuple[str, ...]
    body: JsonObject | str


@dataclass(frozen=True)
class Resource:
    """One resource: its type (``kind``), its name in the stack and its arguments."""

    kind: str
    name: str
    body: JsonObject

    def block(self, **changes: Any) -> Block:
        """Return the resource's block, with these arguments added or replaced."""
        return Block(("resource", self.kind, self.name), self.body | changes)


def in_apps(*names: str) -> str:
    """Return how problems name these apps: ``app a``, or ``apps a and b``."""
    apps = sorted(set(names))
    return f"app{'s' if len(apps) > 1 else ''} {' and '.join(apps)}"


def in_app(name: str, thing: str) -> str:
    """Return how problems name a thing of this app."""
    return f"{in_apps(name)}: {thing}"


class MergeError(Exception):
    """The sources cannot be merged. ``problems`` has a line for each, with what to do about it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Problems:
    """Collects the problems of a merge, so that one run reports all of them."""

    def __init__(self, allow_drop: frozenset[str] = frozenset()) -> None:
        self._allow_drop = allow_drop
        self._lines: set[str] = set()
        self._dropped: set[str] = set()
        self._used: set[str] = set()

    def add(self, where: str, what: str) -> None:
        """Report a problem. ``where`` names the app and its route, setting or resource."""
        self._lines.add(f"{where}: {what}")

    def add_unsupported(self, where: str, found: Iterable[str], supported: Set[str]) -> None:
        """Report each name found that is not among those supported."""
        for name in sorted(set(found) - supported):
            self.add(where, f"the merge does not support {name}")

    def refuse(self, drop: str, where: str, what: str) -> None:
        """Report what an HTTP API cannot express, unless ``drop`` is allowed: then record the loss.

        ``what`` is the reason and, after a semicolon, the alternative.
        """
        if drop in self._allow_drop:
            self._used.add(drop)
            self._dropped.add(f"dropped ({drop}): {where}: {what.partition(';')[0]}")
        else:
            self._lines.add(f"{where}: {what}; or --allow-drop {drop}")

    def unused_drops(self) -> frozenset[str]:
        """Return the allowed drops that nothing has needed so far."""
        return self._allow_drop - self._used

    def dropped(self) -> list[str]:
        """Return a line for each thing that was dropped, sorted."""
        return sorted(self._dropped)

    def raise_if_any(self) -> None:
        """Raise ``MergeError`` with all problems reported so far, sorted."""
        if self._lines:
            raise MergeError(sorted(self._lines))
