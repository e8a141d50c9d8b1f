"""Says what became of each thing in the sources, and where each block of the stack comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from . import rest_api, shared
from .app import App
from .contents import Kind, Thing, contents
from .model import Block, JsonObject, Problem, Source, Where
from .notes import AppliedNote
from .renaming import with_own_names

Outcome = Literal["kept", "renamed", "changed", "replaced", "removed"]
"""What became of a thing.

``kept`` has its address and arguments, ``renamed`` another address, ``changed`` other arguments
too; ``replaced`` became blocks of other types; ``removed`` has no block.
"""

REMOVED: Mapping[str, str] = {**shared.REMOVED, **rest_api.REMOVED}


@dataclass(frozen=True)
class Entry:
    """What became of a thing of this kind in an app's source.

    ``addresses`` are those in the stack, and ``arguments`` the names of the arguments that differ.
    ``dropped`` are the drops that it needed. ``why`` is the reason if it was removed.
    """

    app: str
    kind: Kind
    thing: str
    outcome: Outcome
    addresses: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Addition:
    """A block of the stack that no thing in the sources became, and the reason for it."""

    address: str
    why: str


@dataclass(frozen=True)
class Report:
    """What became of the sources, what the merge added and dropped, and what a user must know.

    ``migration`` is what existed and is not in the stack, or needs the user's attention.
    """

    apps: tuple[str, ...]
    entries: tuple[Entry, ...]
    additions: tuple[Addition, ...]
    dropped: tuple[Problem, ...]
    notes: tuple[AppliedNote, ...]
    migration: tuple[Problem, ...] = ()


def report_of(
    sources: Sequence[Source],
    apps: Sequence[App],
    blocks: Sequence[Block],
    dropped: Iterable[Problem],
    notes: Iterable[AppliedNote],
) -> Report:
    """Return the report of a merge without problems, from the values of its stages.

    ``apps`` are those of the ``sources``, in the same order.
    """
    losses = sorted(dropped, key=str)
    became: dict[Where, list[Block]] = {}
    for block in blocks:
        for origin in block.origins:
            became.setdefault(origin, []).append(block)
    things = [
        (source, app, thing) for source, app in zip(sources, apps) for thing in contents(source)
    ]
    return Report(
        apps=tuple(app.name for app in apps),
        entries=tuple(
            _entry(source, app, thing, became.get(app.where(thing.name), []), losses)
            for source, app, thing in things
        ),
        additions=_additions(blocks, {app.where(thing.name) for _, app, thing in things}),
        dropped=tuple(losses),
        notes=tuple(notes),
    )


def _entry(
    source: Source, app: App, thing: Thing, blocks: Sequence[Block], losses: Sequence[Problem]
) -> Entry:
    where = app.where(thing.name)
    own = [loss for loss in losses if loss.where == where]
    reason = "; ".join(loss.reason for loss in own) or REMOVED.get(thing.name, "")
    outcome, arguments = _outcome(source, app, where, blocks)
    return Entry(
        app=app.name,
        kind=thing.kind,
        thing=thing.name,
        outcome=outcome,
        addresses=tuple(_address(block, where) for block in blocks),
        arguments=arguments,
        dropped=tuple(loss.drop for loss in own),
        why="" if blocks else reason,
    )


def _outcome(
    source: Source, app: App, where: Where, blocks: Sequence[Block]
) -> tuple[Outcome, tuple[str, ...]]:
    """Return what became of a thing, and the names of the arguments that differ."""
    if not blocks:
        return "removed", ()
    kind, _, name = where.thing.partition(".")
    before = source.template.get("resource", {}).get(kind, {}).get(name)
    after = next((block for block in blocks if block.path[:2] == ("resource", kind)), None)
    if before is None or after is None:
        kept = any(_address(block, where) == where.thing for block in blocks)
        return "kept" if kept else "replaced", ()
    changed = _changes(with_own_names(app, before), after.body)
    if changed:
        return "changed", changed
    return "kept" if _address(after, where) == where.thing else "renamed", ()


def _changes(before: JsonObject, after: JsonObject | str) -> tuple[str, ...]:
    arguments = after if isinstance(after, dict) else {}
    return tuple(
        name
        for name in sorted({*before, *arguments})
        if name not in before or name not in arguments or before[name] != arguments[name]
    )


def _address(block: Block, origin: Where | None = None) -> str:
    """Return a block's address; of a block with ``for_each``, that of the origin's instance."""
    section, *names = block.path
    prefixes = {"resource": [], "locals": ["local"], "variable": ["var"]}
    address = ".".join([*prefixes.get(section, [section]), *names])
    if origin and isinstance(block.body, dict) and "for_each" in block.body:
        return f'{address}["{origin.thing}"]'
    return address


def _additions(blocks: Sequence[Block], things: Set[Where]) -> tuple[Addition, ...]:
    return tuple(
        Addition(_address(block), block.why)
        for block in blocks
        if not any(origin in things for origin in block.origins)
    )
