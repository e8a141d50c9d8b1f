"""What must hold of the responses to reads, while faults go on and when all is well again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import inf
from typing import Any, Final

from tests.reliability.processes.history import COMMANDS, SERIES, Operation, Outcome, digest
from tests.reliability.processes.ledger import Ledger, seen_by
from tests.reliability.processes.listing_oracle import ListingOracle

Problems = Iterator[str]

FINAL: Final = "final"
"""The client that reads everything once no fault is left and the read model has caught up."""

_STATUSES: Final = {
    **{kind: {0, 200, 201, 404, 409, 412, 422, 503} for kind in COMMANDS},
    "get": {0, 200, 304, 404, 503},
    "page": {0, 200, 503},
    "history": {0, 200, 404, 503},
    "as_of": {0, 200, 404, 503},
}


def statuses_are_those_of_the_contract(ledger: Ledger) -> Problems:
    """No response has a status that the HTTP contract does not name for such a request."""
    for operation in ledger.history.operations:
        if operation.status not in _STATUSES[operation.kind]:
            yield f"{_name(operation)} got {operation.status}: {operation.response}"


def reads_show_what_was_written(ledger: Ledger) -> Problems:
    """What a read shows is, in each field, the fold of the log at the version that it names."""
    for operation in _reads(ledger, "get", "as_of"):
        if operation.status != 200:
            continue
        wanted = _view(ledger, operation.response["id"], operation.response["version"])
        if not _shows(operation.response, wanted):
            yield f"{_name(operation)} shows {operation.response}, and the log says {wanted}"
    for operation in _reads(ledger, "page"):
        for stream, version, found in operation.response["items"]:
            view = _view(ledger, stream, version)
            if view is None or digest(_summary(view)) != found:
                yield f"{_name(operation)} shows version {version} of {stream} otherwise"


def _view(ledger: Ledger, stream: str, version: int) -> Any:
    states = ledger.states.get(stream, [])
    return states[version].view(stream, version) if 0 < version < len(states) else None


def _shows(found: Any, wanted: Any) -> bool:
    # A process of the version before does not know the new field, and does not show it.
    return found == wanted or (
        wanted is not None and found == {k: v for k, v in wanted.items() if k != SERIES}
    )


def _summary(view: Any) -> dict[str, Any]:
    return {name: value for name, value in view.items() if name != "description"}


def min_version_is_reached(ledger: Ledger) -> Problems:
    """A reader with ``min_version`` never sees less: that version, a later one, or a removal."""
    for operation in ledger.history.operations:
        if operation.kind != "get" or not (wanted := operation.request["min_version"]):
            continue
        stream = operation.request["book"]
        if operation.status == 200 and operation.response["version"] < wanted:
            yield f"{_name(operation)} asked for {wanted}, got {operation.response['version']}"
        if operation.status == 404 and not (
            _may_be_removed(ledger, stream, operation) and ledger.last(stream) >= wanted
        ):
            yield f"{_name(operation)} asked for version {wanted} and got 404"


def _may_be_removed(ledger: Ledger, stream: str, operation: Operation) -> bool:
    states = ledger.states.get(stream, [])
    removed = bool(states) and states[-1].book is None
    return removed and ledger.moments[stream, len(states) - 1].earliest <= operation.completed


def nobody_reads_backwards(ledger: Ledger) -> Problems:
    """Through one process, a read after another never shows an earlier version of a book.

    Once a book that was there is gone, it stays so.
    """
    reads: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in ledger.history.operations:
        if operation.kind == "get" and operation.status in (200, 304, 404):
            reads[operation.process, operation.request["book"]].append(operation)
    for (_, stream), of_book in reads.items():
        yield from _backwards(ledger, stream, of_book)


def _backwards(ledger: Ledger, stream: str, reads: Sequence[Operation]) -> Problems:
    before = sorted(reads, key=lambda o: o.completed)
    done, known = 0, 0
    for read in sorted(reads, key=lambda o: o.invoked):
        while before[done].completed < read.invoked:
            known = max(known, _version_read(ledger, stream, before[done], known))
            done += 1
        if read.status == 404:
            wrong = known > 0 and not _may_be_removed(ledger, stream, read)
        else:
            wrong = _version_read(ledger, stream, read, known) < known
        if wrong:
            yield f"{_name(read)} got {read.status} {read.response}, after version {known} was seen"


def _version_read(ledger: Ledger, stream: str, read: Operation, known: int) -> int:
    if read.status == 404:
        return ledger.last(stream) if known else 0
    (seen,) = seen_by(read)
    return seen[1]


def listings_are_in_order(ledger: Ledger) -> Problems:
    """What is on the pages of a listing belongs there, in its order, and no view occurs twice."""
    oracle = ListingOracle(ledger)
    for pages in _walks(ledger):
        parameters = pages[0].request["parameters"]
        seen = [pair for page in pages for pair in seen_by(page)]
        known = [pair for pair in seen if _view(ledger, *pair) is not None]
        for pair, count in Counter(seen).items():
            if count > 1:
                yield f"{_name(pages[0])} {parameters} has {pair} {count} times"
        for pair in known:
            if pair not in oracle.members(parameters):
                yield f"{_name(pages[0])} {parameters} has {pair}, which does not belong there"
        positions = [oracle.position(pair, parameters) for pair in known]
        if any(not oracle.follows(one, two, parameters) for one, two in pairwise(positions)):
            yield f"{_name(pages[0])} {parameters} is not in order: {positions}"


def listings_miss_nothing(ledger: Ledger) -> Problems:
    """A view that stays as it is while a listing is read is on exactly one of its pages."""
    oracle = ListingOracle(ledger)
    sighted = _sightings(ledger)
    for pages in _walks(ledger):
        if pages[-1].outcome is not Outcome.OK or pages[-1].response["more"]:
            continue
        found = {pair for page in pages for pair in seen_by(page)}
        process, parameters = pages[0].process, pages[0].request["parameters"]
        for stream, version in oracle.members(parameters) - found:
            stays = (
                sighted.get((process, stream, version), inf) < pages[0].invoked
                and _earliest(ledger, stream, version + 1) > pages[-1].completed
            )
            if stays:
                yield f"{_name(pages[0])} {parameters} lacks version {version} of {stream}"


def _earliest(ledger: Ledger, stream: str, version: int) -> float:
    moment = ledger.moments.get((stream, version))
    return moment.earliest if moment else inf


def _sightings(ledger: Ledger) -> dict[tuple[str, str, int], float]:
    sighted: dict[tuple[str, str, int], float] = {}
    for operation in _reads(ledger, "get", "page"):
        for stream, version in seen_by(operation):
            key = (operation.process, stream, version)
            sighted[key] = min(operation.completed, sighted.get(key, inf))
    return sighted


def _walks(ledger: Ledger, kind: str = "page") -> Iterable[list[Operation]]:
    walks: dict[str, list[Operation]] = defaultdict(list)
    for operation in ledger.history.operations:
        if operation.kind == kind:
            walks[operation.request["walk"]].append(operation)
    return [sorted(pages, key=lambda page: page.invoked) for pages in walks.values()]


def histories_are_the_log(ledger: Ledger) -> Problems:
    """The pages of a history have the log's events, all that were acknowledged before."""
    for pages in _walks(ledger, "history"):
        stream, last = pages[0].request["book"], pages[-1]
        read = [pair for p in pages if p.status == 200 for pair in p.response["events"]]
        stored = [[e.version, e.event_id] for e in ledger.streams.get(stream, [])]
        if read != stored[: len(read)]:
            yield f"{_name(pages[0])} of {stream} has {read}, and the log {stored}"
        ended = last.status == 404 or (last.status == 200 and not last.response["more"])
        if ended and len(read) not in ledger.range_at(stream, last):
            yield f"{_name(pages[0])} of {stream} ends after {len(read)} of {len(stored)} events"


def as_of_is_a_fold(ledger: Ledger) -> Problems:
    """A book as of an instant is as it was after the last event that is dated up to then."""
    for operation in ledger.history.operations:
        if operation.kind != "as_of" or operation.status not in (200, 404):
            continue
        stream, instant = operation.request["book"], operation.request["instant"]
        events = ledger.streams.get(stream, [])
        wanted = {
            max(
                (e.version for e in events[:length] if _at(e.occurred_at) <= _at(instant)),
                default=0,
            )
            for length in ledger.range_at(stream, operation)
        }
        shown = [_view(ledger, stream, version) for version in wanted]
        found = operation.response if operation.status == 200 else None
        if not any(_shows(found, view) for view in shown):
            yield f"{_name(operation)} of {stream} as of {instant} is {found}, not one of {shown}"


def _at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def the_read_model_equals_the_fold(ledger: Ledger) -> Problems:
    """In the end every book is shown as the log says, by every process."""
    last: dict[tuple[str, str], Operation] = {}
    for operation in ledger.history.operations:
        if operation.client == FINAL and operation.kind == "get":
            last[operation.process, operation.request["book"]] = operation
    processes = {process for process, _ in last}
    for stream in ledger.streams:
        wanted = _view(ledger, stream, ledger.last(stream))
        for process in processes:
            read = last.get((process, stream))
            if read is None:
                yield f"{stream} was not read at the end"
            elif read.status not in (200, 404):
                yield f"{_name(read)}: {stream} is not shown at {read.request['min_version']}"
            elif (read.response if read.status == 200 else None) != wanted:
                yield f"{_name(read)} is {read.response}, and the log says {wanted}"


def the_listings_equal_the_oracle(ledger: Ledger) -> Problems:
    """In the end every listing has the books that belong there, in order, each once."""
    oracle = ListingOracle(ledger)
    for pages in _walks(ledger):
        if pages[0].client != FINAL:
            continue
        parameters = pages[0].request["parameters"]
        found = [pair for page in pages for pair in seen_by(page)]
        wanted = oracle.final(parameters)
        if found != wanted or pages[-1].outcome is not Outcome.OK:
            yield (
                f"{_name(pages[0])} {parameters}: has {set(found) - set(wanted)} too much, "
                f"lacks {set(wanted) - set(found)}, {len(found)} of {len(wanted)}"
            )


def _reads(ledger: Ledger, *kinds: str) -> Iterable[Operation]:
    return (o for o in ledger.history.operations if o.kind in kinds and o.outcome is Outcome.OK)


def _name(operation: Operation) -> str:
    return f"{operation.kind} of {operation.client} by {operation.process}"


READ_CHECKS = (
    statuses_are_those_of_the_contract,
    reads_show_what_was_written,
    min_version_is_reached,
    nobody_reads_backwards,
    listings_are_in_order,
    listings_miss_nothing,
    histories_are_the_log,
    as_of_is_a_fold,
    the_read_model_equals_the_fold,
    the_listings_equal_the_oracle,
)
