"""Command handling: load, recognise a repeat, check preconditions, decide, append.

Idempotency comes from the log. What a command with a key has appended remembers the key and the
digest of its request; a repeat finds that, before any precondition and any rule, and gets the first
response.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final, Generic, NamedTuple, TypeVar

from core.application.errors import (
    AlreadyClaimed,
    KeyReused,
    LastingConflict,
    PreconditionFailed,
)
from core.application.past import Past, last_with_key, load_past
from core.application.requests import ActorName, CommandRequest, subject_of
from core.ports.clock import Clock, NewId
from core.ports.decider import Claim
from core.ports.domain import Domain
from core.ports.event_store import Claims, ClaimTaken, EventStore, VersionConflict
from core.ports.events import Envelope, NothingChanged
from core.ports.refusals import NotFound, Refusal

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")

MAX_ATTEMPTS: Final = 10
"""How often a command without a precondition is decided when others are faster."""

MAX_CARRIED: Final = timedelta(minutes=1)
"""Clocks of different machines differ: an event is not dated before the one that it follows, unless
that one is further ahead of the clock than this. Then it was the earlier clock that was wrong, and
it is not carried on: time goes back once, and ``as_of`` follows the versions."""


DecidedAgain = Callable[[str, CommandRequest], None]
"""Receives the stream and the request of a command before it is decided once more."""


def unreported(_stream: str, _request: CommandRequest, /) -> None:
    """Report nothing."""


class Accepted(NamedTuple):
    """An accepted command; ``replayed``: by an earlier request with the same key."""

    id: str
    version: int
    replayed: bool = False


class CommandHandler(NamedTuple, Generic[S, C, E]):
    """Handles the commands of a domain.

    ``store`` may hold streams of other domains too. ``actor_name`` returns what events keep of the
    actor; another one changes no replay, since a key belongs to the actor itself. Every method
    raises what the decider refuses (Refusal), AlreadyClaimed, KeyReused, LastingConflict or
    StoreUnavailable; with a key, the request may be repeated after the last two.
    ``decided_again`` hears of each time that another writer was faster.
    """

    domain: Domain[S, C, E, Any]
    store: EventStore[Any]
    clock: Clock
    new_id: NewId
    decided_again: DecidedAgain = unreported
    actor_name: ActorName = subject_of

    def create(self, command: C, request: CommandRequest) -> Accepted:
        """Handle a command that begins a stream. Costs one write and no read."""
        stream = request.new_stream(self.new_id())
        try:
            return self._run(stream, command, request, Past())
        except Refusal:
            # The rules may have become stricter since the first request with this key.
            if request.key and (first := self._first_response(stream, self._past(stream), request)):
                return first
            raise

    def handle(self, stream: str, command: C, request: CommandRequest) -> Accepted:
        """Handle a command for a stream. Costs one read and, when it changes something, one write.

        For a long stream it is two reads, whatever the length (``load_past``). A replay of a key
        that is not among the recent events costs a read of all of them (``last_with_key``).

        Raises PreconditionFailed as well, when If-Match names other versions than the stream's or
        If-None-Match names that, and NotFound for a stream of another domain.
        """
        return self._run(stream, command, request, self._past(stream))

    def _past(self, stream: str) -> Past[Any]:
        return load_past(stream, self.store, self.domain)

    def _run(self, stream: str, command: C, request: CommandRequest, past: Past[Any]) -> Accepted:
        for attempt in range(MAX_ATTEMPTS):
            if (first := self._first_response(stream, past, request)) is not None:
                return first
            if attempt > 0:
                self.decided_again(stream, request)
            version, state = past.version, self._checked_state(past, request)
            events = self.domain.decider.decide(state, command)
            if not events and version == 0:
                raise ValueError(f"{command} neither begins a stream nor is refused")
            if not events and request.key is None:
                return Accepted(stream, version)
            envelopes = self._envelopes(stream, past, events or [NothingChanged()], request)
            try:
                self.store.append(stream, version, envelopes, self._claims(state, events))
            except VersionConflict:
                past = self._past(stream)
            except ClaimTaken as taken:
                # The same request at the same time was faster: the stream that holds the claim is
                # its.
                if taken.owner != stream:
                    raise self._already_claimed(taken) from taken
                past = self._past(stream)
            else:
                return Accepted(stream, version + len(envelopes))
        raise LastingConflict(self.domain.noun)

    def _checked_state(self, past: Past[Any], request: CommandRequest) -> S:
        """Return the stream's state. Raises NotFound or PreconditionFailed."""
        if past.is_foreign(self.domain):
            raise NotFound(self.domain.noun)
        version, state = past.version, past.state(self.domain)
        # Where nothing is there, decide says so: a 404 comes before a 412 (RFC 9110, section
        # 13.2.1).
        is_there = version > 0 and not self.domain.decider.is_terminal(state)
        matches = request.if_match is None or version in request.if_match
        if is_there and (not matches or version in request.if_none_match):
            raise PreconditionFailed(self.domain.noun, version)
        return state

    def _envelopes(
        self,
        stream: str,
        past: Past[Any],
        events: Sequence[E | NothingChanged],
        request: CommandRequest,
    ) -> list[Envelope[E]]:
        occurred_at = _not_before(past.recent, self.clock())
        actor = self.actor_name(request.actor)
        return [
            Envelope(
                stream=stream,
                version=version,
                event_id=self.new_id(),
                event=event,
                occurred_at=occurred_at,
                actor=actor,
                correlation_id=request.correlation_id,
                causation_id=request.message_id,
                idempotency_key=request.idempotency_key,
                fingerprint=request.key.fingerprint if request.key else None,
            )
            for version, event in enumerate(events, past.version + 1)
        ]

    def _claims(self, before: S, events: Iterable[E]) -> Claims:
        decider = self.domain.decider
        after = reduce(decider.evolve, events, before)
        held, wanted = claim_names(decider.claims(before)), claim_names(decider.claims(after))
        return Claims(take=wanted - held, release=held - wanted)

    def _already_claimed(self, taken: ClaimTaken) -> AlreadyClaimed:
        kind, _, value = taken.name.partition(":")
        label = self.domain.claim_labels[kind]
        return AlreadyClaimed(self.domain.noun, Claim(kind, value), label, taken.owner)

    def _first_response(
        self, stream: str, past: Past[Any], request: CommandRequest
    ) -> Accepted | None:
        """Return what an earlier request with this key got. Raises KeyReused if it was another."""
        if request.key is None or request.idempotency_key is None:
            return None
        own = last_with_key(request.idempotency_key, past, stream, self.store)
        if own is None:
            return None
        if own.fingerprint != request.key.fingerprint:
            raise KeyReused
        return Accepted(own.stream, own.version, replayed=True)


def claim_names(claims: Iterable[Claim]) -> frozenset[str]:
    """Return the names under which an event store keeps ``claims``."""
    return frozenset(f"{claim.kind}:{claim.value}" for claim in claims)


def _not_before(history: Sequence[Envelope[Any]], now: datetime) -> datetime:
    before = history[-1].occurred_at if history else now
    return before if now < before <= now + MAX_CARRIED else now
