"""What must hold of the log and of the responses to commands."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from math import inf
from typing import Any, Final

from tests.reliability.processes.history import LoggedEvent, Operation, Outcome
from tests.reliability.processes.ledger import Holding, Ledger

Problems = Iterator[str]

CARRIED: Final = timedelta(minutes=1)
"""How far ahead of a clock a stream may be and still go on from its own time (README.md)."""


def each_log_is_1_to_n(ledger: Ledger) -> Problems:
    """Each stream's versions are 1 to n, and no event id occurs twice."""
    for stream, events in ledger.streams.items():
        versions = [event.version for event in events]
        if versions != list(range(1, len(versions) + 1)):
            yield f"{stream} has versions {versions}"
    ids = [event.event_id for event in ledger.history.events]
    if len(set(ids)) != len(ids):
        yield "an event id occurs twice"


def each_event_is_what_a_request_asked_for(ledger: Ledger) -> Problems:
    """Each event has the request that caused it, for its book, and changes what that asked for."""
    for stream, events in ledger.streams.items():
        states = ledger.states[stream]
        for number, event in enumerate(events):
            attempt = ledger.attempts.get(event.correlation_id)
            before = states[number].book
            if attempt is None:
                yield f"nobody asked for version {event.version} of {stream}"
            elif attempt.request["book"] not in (None, stream):
                yield f"version {event.version} of {stream} was asked for another book"
            elif _content(event) != _asked(attempt, before):
                yield f"version {event.version} of {stream} is not what was asked for: {event}"


def _content(event: LoggedEvent) -> Any:
    match event.type:
        case "BookAdded":
            return ("add", _present(event.data["details"]))
        case "BookRevised":
            return ("revise", event.data["changes"])
        case "BookRemoved":
            return ("remove",)
        case other:
            return (other,)


def _asked(attempt: Operation, before: Mapping[str, Any] | None) -> Any:
    """Return the content of the event that ``attempt`` causes where ``before`` is the book."""
    body = attempt.request["body"]
    if attempt.kind == "add":
        return ("add", _present(body)) if before is None else ("impossible",)
    if before is None:
        return ("impossible",)
    if attempt.kind == "remove":
        return ("remove",)
    old = {"subjects": [], **before}
    changes = {name: value for name, value in body.items() if value != old.get(name)}
    return ("revise", changes) if changes else ("NothingChanged",)


def _present(book: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in book.items() if value is not None}


def each_command_is_one_event(ledger: Ledger) -> Problems:
    """An acknowledged command is one event, an unknown one at most one, a refused attempt none.

    A command without a key that changes nothing is none. A repeat is part of its command.
    """
    for attempts in ledger.commands:
        events = [e for a in attempts for e in ledger.caused.get(_id(a), ())]
        if len(events) > 1:
            yield f"{_name(attempts[0])} is {len(events)} events"
        for attempt in attempts:
            own = ledger.caused.get(_id(attempt), ())
            if attempt.outcome in (Outcome.REFUSED, Outcome.UNSENT) and own:
                yield f"{_name(attempt)} was {attempt.outcome} ({attempt.status}) but is in the log"
            if attempt.outcome is Outcome.OK:
                yield from _acknowledged(ledger, attempt, events)


def _acknowledged(ledger: Ledger, attempt: Operation, events: list[LoggedEvent]) -> Problems:
    stream, version = attempt.response["id"], attempt.response["version"]
    own = ledger.caused.get(_id(attempt), ())
    if attempt.request["book"] not in (None, stream):
        yield f"{_name(attempt)} got the response of another book"
    if not events:
        if attempt.request["key"] is not None or not _changes_nothing(ledger, attempt):
            yield f"{_name(attempt)} was acknowledged, and no event is in the log"
    elif [(e.stream, e.version) for e in events] != [(stream, version)]:
        yield f"{_name(attempt)} was acknowledged as version {version} of {stream}, and is {events}"
    elif attempt.response["replayed"] == bool(own):
        yield f"{_name(attempt)}: replayed is {attempt.response['replayed']}, and that is wrong"
    if attempt.response["etag"] != f'"{version}"':
        yield f"{_name(attempt)} has the ETag {attempt.response['etag']}"


def _changes_nothing(ledger: Ledger, attempt: Operation) -> bool:
    stream, version = attempt.response["id"], attempt.response["version"]
    states = ledger.states.get(stream, [])
    if attempt.kind != "revise" or not 0 < version < len(states):
        return False
    at_version = version in ledger.range_at(stream, attempt)
    return at_version and _asked(attempt, states[version].book) == ("NothingChanged",)


def replays_give_the_first_response(ledger: Ledger) -> Problems:
    """All responses to one command are equal, and after a success no repeat of it is refused."""
    for attempts in ledger.commands:
        accepted = [a for a in attempts if a.outcome is Outcome.OK]
        if len({(a.response["id"], a.response["version"]) for a in accepted}) > 1:
            yield f"{_name(attempts[0])} got different responses"
        known = min((a.completed for a in accepted), default=inf)
        for attempt in attempts:
            if attempt.invoked > known and 400 <= attempt.status < 500:
                yield f"{_name(attempt)} was accepted, and its repeat got {attempt.status}"


def a_key_is_for_one_request(ledger: Ledger) -> Problems:
    """Of the different requests with one key of one caller, at most one is in the log."""
    owners: dict[tuple[str, str], str] = {}
    for attempts in ledger.commands:
        request = attempts[0].request
        accepted = any(a.outcome is Outcome.OK or _id(a) in ledger.caused for a in attempts)
        if request["key"] is None or not accepted:
            continue
        key = (request["subject"], request["key"])
        # A key's scope is the book; the book that a request adds is named by the key itself.
        scope = (key[0], f"{key[1]} {request['book']}")
        if scope in owners:
            yield f"{_name(attempts[0])} and {owners[scope]} were both accepted"
        owners[scope] = _name(attempts[0])


def if_match_holds(ledger: Ledger) -> Problems:
    """What was accepted with If-Match follows the version named; what was refused had passed it."""
    for attempt in ledger.attempts.values():
        wanted = attempt.request["if_match"]
        if wanted is None:
            continue
        for event in ledger.caused.get(_id(attempt), ()):
            if event.version != wanted + 1:
                yield f"{_name(attempt)} named version {wanted} and became {event.version}"
        if attempt.status == 412:
            stream, found = attempt.request["book"], attempt.response["version"]
            if found == wanted or found not in ledger.range_at(stream, attempt):
                yield f"{_name(attempt)} named version {wanted}, and got {found}"


def each_version_has_a_moment(ledger: Ledger) -> Problems:
    """Each book's versions are in an order that real time allows (linearizable)."""
    for (stream, version), moment in ledger.moments.items():
        if moment.earliest > moment.latest:
            yield (
                f"version {version} of {stream} was seen at {moment.latest:.3f}, "
                f"before it was asked for at {moment.earliest:.3f}"
            )
    for operation in ledger.history.operations:
        if operation.outcome is Outcome.OK and operation.is_command:
            stream, version = operation.response["id"], operation.response["version"]
            if version > ledger.last(stream):
                yield f"{_name(operation)}: version {version} of {stream} is lost"


def an_isbn_belongs_to_one_book(ledger: Ledger) -> Problems:
    """At every moment: two possessions of an ISBN can be put one after the other."""

    def may_precede(first: Holding, second: Holding) -> bool:
        if first.released is None:
            return False
        released = ledger.moments[first.stream, first.released]
        return released.earliest <= ledger.moments[second.stream, second.taken].latest

    for isbn, holdings in ledger.holdings.items():
        for one, other in combinations(holdings, 2):
            if one.stream != other.stream and not (
                may_precede(one, other) or may_precede(other, one)
            ):
                yield f"{isbn} belongs to {one} and {other} at once"


def refusals_have_a_reason(ledger: Ledger) -> Problems:
    """A command is refused only for what was so at some moment while it was under way."""
    for attempt in ledger.attempts.values():
        reasons = _REASONS.get(attempt.response.get("type", ""))
        if attempt.outcome is Outcome.REFUSED and reasons and not reasons(ledger, attempt):
            yield f"{_name(attempt)} got {attempt.status} {attempt.response} without a reason"


def _was_missing(ledger: Ledger, attempt: Operation) -> bool:
    stream = attempt.request["book"]
    if stream not in ledger.states:
        return True
    states = ledger.states[stream]
    return any(states[version].book is None for version in ledger.range_at(stream, attempt))


def _was_taken(ledger: Ledger, attempt: Operation) -> bool:
    isbn, owner = attempt.response["isbn"], attempt.response["book_id"]
    if owner == attempt.request["book"] or owner not in ledger.states:
        return False
    owned = ledger.states[owner]
    books = [owned[version].book for version in ledger.range_at(owner, attempt)]
    return any(book is not None and book.get("isbn") == isbn for book in books)


def _was_used(ledger: Ledger, attempt: Operation) -> bool:
    key = (attempt.request["subject"], attempt.request["key"])
    return any(
        (other.request["subject"], other.request["key"]) == key
        and ledger.caused.get(_id(other))
        and other.invoked <= attempt.completed
        for other in ledger.by_key[key]
    )


_REASONS: Mapping[str, Callable[[Ledger, Operation], bool]] = {
    "no-such-book": _was_missing,
    "isbn-taken": _was_taken,
    "key-reused": _was_used,
}


def time_goes_back_only_from_a_wrong_clock(ledger: Ledger) -> Problems:
    """Within a stream, time does not go back while clocks differ by less than ``CARRIED``."""
    for stream, events in ledger.streams.items():
        for one, other in pairwise(events):
            back = datetime.fromisoformat(one.occurred_at) - datetime.fromisoformat(
                other.occurred_at
            )
            if timedelta(0) < back < CARRIED:
                yield f"{stream}: {one.occurred_at}, then {other.occurred_at}"


def _id(attempt: Operation) -> str:
    return str(attempt.request["correlation_id"])


def _name(attempt: Operation) -> str:
    key = attempt.request["key"] or "no key"
    return f"{attempt.kind} of {attempt.client} ({key}, {_id(attempt)})"


WRITE_CHECKS = (
    each_log_is_1_to_n,
    each_event_is_what_a_request_asked_for,
    each_command_is_one_event,
    replays_give_the_first_response,
    a_key_is_for_one_request,
    if_match_holds,
    each_version_has_a_moment,
    an_isbn_belongs_to_one_book,
    refusals_have_a_reason,
    time_goes_back_only_from_a_wrong_clock,
)
