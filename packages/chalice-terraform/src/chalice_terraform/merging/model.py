"""The values that the stages of the merge pass on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal

JsonObject = dict[str, Any]
Packaging = Literal["zip", "image"]


@dataclass(frozen=True)
class Source:
    """One Chalice app: its name in the stack, and its ``chalice.tf.json`` as JSON.

    ``zips`` maps the name of a zip file that Chalice wrote beside it to the file's path, relative
    to the folder of the merged template. Those not named are ``NAME.zip`` and ``NAME-layer.zip``
    in that folder.
    """

    name: str
    template: JsonObject
    zips: Mapping[str, str] = field(default_factory=dict)

    def of_type(self, kind: str) -> Mapping[str, JsonObject]:
        """Return the resources of this type, by Chalice's names."""
        named: Mapping[str, JsonObject] = self.template.get("resource", {}).get(kind, {})
        return named


@dataclass(frozen=True)
class Evidence:
    """What shows that an app exists already, and where: ``--migrate APP=WHAT``.

    ``what`` is ``terraform``, ``module.NAME`` or the name of a file, whose JSON is ``content``.
    """

    app: str
    what: str
    content: Any = None


@dataclass(frozen=True)
class Options:
    """How to merge.

    ``api`` is the kind of API that the stack has. ``api_name`` is the name of the one HTTP API, as
    a Terraform resource and in AWS. ``stage_prefix`` is the name of an HTTP API's stage, with which
    its URLs then begin. ``payload_format`` is that of the HTTP API's integrations; Chalice's
    handlers read 1.0. ``package`` is what functions are deployed as, except those of the apps named
    in ``images``, which are container images. ``audiences`` maps the name of a Cognito authorizer
    to the ids of its app clients, which may be Terraform references. ``allow_drop`` names the
    features, out of ``drops.DROPS``, that the stack may lose because HTTP APIs lack them.
    ``separate_shared`` leaves out what several templates of one Terraform module must share: see
    ``shared_template``.
    ``migrate`` is what shows that apps exist already: see migration.py.
    """

    api: Literal["http", "http-per-app", "rest"] = "http"
    api_name: str = "api"
    stage_prefix: str | None = None
    payload_format: Literal["1.0", "2.0"] = "1.0"
    package: Packaging = "zip"
    images: frozenset[str] = frozenset()
    audiences: Mapping[str, Sequence[str]] = field(default_factory=dict)
    allow_drop: frozenset[str] = frozenset()
    separate_shared: bool = False
    migrate: Sequence[Evidence] = ()

    def packaging(self, app: str) -> Packaging:
        """Return what the functions of this app are deployed as."""
        return "image" if app in self.images else self.package


@dataclass(frozen=True)
class Block:
    """One block of the stack: its path, such as ``("resource", type, name)``, and its body.

    A local value may be text as well. ``origins`` are the things in the sources that it replaces or
    keeps; a block that none of them explains has a ``why``. If the block has ``for_each``, its
    instances are its origins, by the names of their things.
    """

    path: tuple[str, ...]
    body: JsonObject | str
    origins: tuple[Where, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Resource:
    """One resource: its type (``kind``), its name in the stack, its arguments and its origins."""

    kind: str
    name: str
    body: JsonObject
    origins: tuple[Where, ...] = ()

    def block(self, **changes: Any) -> Block:
        """Return the resource's block, with these arguments added or replaced."""
        return Block(("resource", self.kind, self.name), self.body | changes, self.origins)


@dataclass(frozen=True)
class Where:
    """A thing in the sources: a route, setting or resource, and the apps that have it.

    Without apps it is an option of the merge; without a thing, the apps as a whole.
    """

    apps: tuple[str, ...]
    thing: str = ""

    def __str__(self) -> str:
        """Return how messages name it: ``app a: GET /items``, or ``apps a and b``."""
        apps = f"app{'s' if len(self.apps) > 1 else ''} {' and '.join(self.apps)}"
        return ": ".join(part for part in (apps if self.apps else "", self.thing) if part)


def in_apps(*names: str) -> Where:
    """Return how problems name these apps: ``app a``, or ``apps a and b``."""
    return Where(tuple(sorted(set(names))))


def in_app(name: str, thing: str) -> Where:
    """Return how problems name a thing of this app."""
    return Where((name,), thing)


@dataclass(frozen=True)
class Problem:
    """Why sources cannot be merged, or what the merge leaves out.

    ``what`` is the reason and, after its last semicolon, the remedy. ``drop`` is the value of
    ``--allow-drop`` that accepts the loss, empty if none does.
    """

    where: Where
    what: str
    drop: str = ""

    @property
    def reason(self) -> str:
        """What is wrong."""
        reason, _, remedy = self.what.rpartition("; ")
        return reason or remedy

    @property
    def remedy(self) -> str:
        """What to do about it; empty if the reason says it."""
        reason, _, remedy = self.what.rpartition("; ")
        return remedy if reason else ""

    @property
    def as_loss(self) -> str:
        """The line of what is left out because ``drop`` is allowed."""
        return f"dropped ({self.drop}): {self.where}: {self.reason}"

    def __str__(self) -> str:
        """Return the problem's line."""
        accept = f"; or --allow-drop {self.drop}" if self.drop else ""
        return _on_one_line(f"{self.where}: {self.what}{accept}")


def _on_one_line(text: str) -> str:
    """Return the text with its control characters escaped: names in the sources may have any."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


class MergeError(Exception):
    """The sources cannot be merged: ``problems`` has all reasons."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(MergeError):
    """The options are invalid, or make no sense together."""


class Problems:
    """Collects the problems of a merge, so that one run reports all of them."""

    def __init__(self, allow_drop: frozenset[str] = frozenset()) -> None:
        self._allow_drop = allow_drop
        self._problems: set[Problem] = set()
        self._dropped: set[Problem] = set()

    def add(self, where: Where | str, what: str) -> None:
        """Report a problem. ``where`` is a thing of the apps, or the name of an option.

        ``what`` is the reason and, after a semicolon, the remedy.
        """
        self._problems.add(Problem(_where(where), what))

    def add_unsupported(self, where: Where, found: Iterable[str], supported: Set[str]) -> None:
        """Report each name found that is not among those supported."""
        for name in sorted(set(found) - supported):
            self.add(where, f"the merge does not support {name}; remove it")

    def refuse(self, drop: str, where: Where, what: str) -> None:
        """Report what an HTTP API cannot express, unless ``drop`` is allowed: then record the loss.

        ``what`` is the reason and, after a semicolon, the alternative.
        """
        reported = self._dropped if drop in self._allow_drop else self._problems
        reported.add(Problem(where, what, drop))

    def unused_drops(self) -> frozenset[str]:
        """Return the allowed drops that nothing has needed so far."""
        return self._allow_drop - {problem.drop for problem in self._dropped}

    @property
    def dropped(self) -> frozenset[Problem]:
        """What was dropped, with the reason."""
        return frozenset(self._dropped)

    def dropped_lines(self) -> list[str]:
        """Return a line for each thing that was dropped, sorted."""
        return sorted(loss.as_loss for loss in self._dropped)

    def raise_if_any(self, error: type[MergeError] = MergeError) -> None:
        """Raise this error with all problems reported so far, sorted."""
        if self._problems:
            raise error(sorted(self._problems, key=str))


def failure(where: Where | str, what: str) -> MergeError:
    """Return the error of this one problem: see ``Problems.add``."""
    return MergeError([Problem(_where(where), what)])


def _where(where: Where | str) -> Where:
    return where if isinstance(where, Where) else Where((), where)
