"""What the modules of the merge hand to each other: sources, options, blocks and problems."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One Chalice app: the name it gets in the stack, and its `chalice.tf.json` as JSON."""

    name: str
    template: JsonObject


@dataclass(frozen=True, slots=True)
class Options:
    """How to merge.

    `api`: the HTTP API's name, as a Terraform resource and at AWS. `payload_format`: of the HTTP
    API's integrations; Chalice's handlers read 1.0. `audiences`: from the name of a Cognito
    authorizer to its app clients' ids, which may be Terraform references. `allow_drop`: names out
    of `drops.DROPS` that may go although no HTTP API has them.
    """

    api: str = "api"
    payload_format: Literal["1.0", "2.0"] = "1.0"
    audiences: Mapping[str, Sequence[str]] = field(default_factory=dict)
    allow_drop: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the result: its path, such as ("resource", type, name), and its body."""

    path: tuple[str, ...]
    body: JsonObject


def resource(kind: str, name: str, body: JsonObject) -> Block:
    """The block of a resource of this type and name."""
    return Block(("resource", kind, name), body)


class MergeError(Exception):
    """The sources cannot be merged. `problems`: one line each, with what to do about it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Problems:
    """Collects what stands in the way, so that one run tells all of it."""

    def __init__(self, allow_drop: frozenset[str] = frozenset()) -> None:
        self._allow_drop = allow_drop
        self._lines: set[str] = set()
        self._dropped: set[str] = set()
        self._used: set[str] = set()

    def add(self, where: str, what: str) -> None:
        """Notes a problem. `where` names app and route, setting or resource."""
        self._lines.add(f"{where}: {what}")

    def refuse(self, drop: str, where: str, what: str) -> None:
        """Notes something no HTTP API has: a problem, unless `drop` is among the allowed."""
        if drop in self._allow_drop:
            self._used.add(drop)
            self._dropped.add(f"dropped ({drop}): {where}: {what.partition(';')[0]}")
        else:
            self._lines.add(f"{where}: {what}; or --allow-drop {drop}")

    def unused_drops(self) -> frozenset[str]:
        """The allowed drops that nothing asked for so far."""
        return self._allow_drop - self._used

    def dropped(self) -> list[str]:
        """What went because it may, one line each, sorted."""
        return sorted(self._dropped)

    def raise_if_any(self) -> None:
        """Raises MergeError with all problems noted so far, sorted."""
        if self._lines:
            raise MergeError(sorted(self._lines))
