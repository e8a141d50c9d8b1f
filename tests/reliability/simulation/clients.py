"""Clients: they send commands, repeat them, and check each response against the ledger."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final, NamedTuple

from core.application.errors import (
    AlreadyClaimed,
    CommandRefused,
    KeyReused,
    LastingConflict,
    PreconditionFailed,
)
from core.application.handling import Accepted
from core.application.requests import Actor, CommandRequest, IdempotencyKey
from core.ports.errors import StoreUnavailable, UnknownEvent
from core.ports.refusals import NotFound, Refusal
from tests.reliability.simulation.badges import COLOURS, Badge, Change, Command, Issue, Revoke
from tests.reliability.simulation.ledger import Ledger
from tests.reliability.simulation.processes import Supervised
from tests.reliability.simulation.world import Killed, World

CODES: Final = tuple(f"code-{number}" for number in range(40))
WORDS: Final = ("sea", "season", "seal", "land", "island", "the", "theme", "Ärger", "été")
LONG_LABEL: Final = " ".join(f"word{number}" for number in range(110))
"""Has more words than a transaction takes operations, so its view is replaced in several."""


class Sent(NamedTuple):
    """A request as it was sent: a repeat is the same again."""

    stream: str | None
    command: Command
    key: IdempotencyKey | None
    if_match: frozenset[int] | None


class Commander:
    """A client that sends commands, one after the other."""

    def __init__(
        self,
        name: str,
        world: World,
        ledger: Ledger,
        process: Supervised,
        known: list[str],
    ) -> None:
        self._world = world
        self._ledger = ledger
        self._process = process
        self._known = known
        self._actor = Actor("issuer", name)
        self._sent: list[Sent] = []
        self._responses: dict[tuple[str | None, str], Accepted] = {}

    def step(self) -> None:
        """Send a command, and perhaps the same again."""
        sent = self._repeated() or self._new()
        for _ in range(self._world.random.choice((1, 1, 1, 2, 3))):
            if self._send(sent):
                return
            self._world.sleep(self._world.random.random())

    def _repeated(self) -> Sent | None:
        if not self._sent or not self._world.chance(0.1):
            return None
        return self._world.random.choice(self._sent)

    def _new(self) -> Sent:
        world = self._world
        stream = self._stream()
        command = self._command(stream)
        key = None
        if world.chance(0.7):
            # Once in a while a key of before, for another request.
            old = self._sent and world.chance(0.02)
            text = world.random.choice(self._sent).key if old else None
            name = text.key if text else world.new_id()
            key = IdempotencyKey(name, f"digest of {command} to {stream}")
        if_match = None
        if stream is not None and world.chance(0.3):
            version = self._ledger.version(stream)
            if_match = frozenset({max(1, version - world.random.choice((0, 0, 0, 1)))})
        sent = Sent(stream, command, key, if_match)
        if key is not None:
            self._sent.append(sent)
        return sent

    def _stream(self) -> str | None:
        """Return a stream that exists, often one of the last; None to begin one."""
        known, random = self._known, self._world.random
        if not known or random.random() < 0.15:
            return None
        return random.choice(known[-8:] if random.random() < 0.8 else known)

    def _command(self, stream: str | None) -> Command:
        random = self._world.random
        if stream is None:
            return Issue(
                Badge(code=random.choice(CODES), colour=random.choice(COLOURS), label=self._label())
            )
        kind = random.random()
        if kind < 0.12:
            return Revoke()
        if kind < 0.37:
            return Change(code=random.choice(CODES))
        if kind < 0.62:
            return Change(colour=random.choice(COLOURS))
        if kind < 0.72:
            return Change(code=random.choice(CODES), label=self._label())
        return Change(label=self._label())

    def _label(self) -> str:
        random = self._world.random
        if random.random() < 0.001:
            return LONG_LABEL
        return " ".join(random.choices(WORDS, k=random.choice((1, 2, 2, 3))))

    def _get_to_know(self, stream: str) -> None:
        """Let all clients use a new stream, and most of the time forget one that has ended."""
        has_ended = self._ledger.logs[stream].shown[-1].fields is None
        if has_ended and stream in self._known and self._world.chance(0.8):
            self._known.remove(stream)
        elif not has_ended and stream not in self._known:
            self._known.append(stream)

    # --- a request and its response ---------------------------------------------------------------

    def _send(self, sent: Sent) -> bool:
        """Send a request; return whether its outcome is known."""
        message = self._world.new_id()
        self._ledger.sent[message] = sent.if_match
        request = CommandRequest(self._actor, message, message, sent.key, sent.if_match)
        before = 0 if sent.stream is None else self._ledger.version(sent.stream)
        handler = self._process.current().commands()
        try:
            if sent.stream is None:
                accepted = handler.create(sent.command, request)
            else:
                accepted = handler.handle(sent.stream, sent.command, request)
        except Killed:
            self._process.replace()
            return False
        except (StoreUnavailable, LastingConflict) as error:
            self._world.note(f"{sent.command}: unknown, {type(error).__name__}")
            return False
        except (Refusal, CommandRefused, UnknownEvent) as error:
            self._world.note(f"{sent.command}: refused, {type(error).__name__}")
            self._check_refused(sent, request, before, error)
            return True
        self._world.note(f"{sent.command}: {accepted}")
        self._check_accepted(sent, request, before, accepted)
        if not accepted.replayed:
            self._get_to_know(accepted.id)
        return True

    def _check_accepted(
        self, sent: Sent, request: CommandRequest, before: int, accepted: Accepted
    ) -> None:
        appended = self._ledger.by_message.get(request.message_id)
        if accepted.replayed:
            first = self._ledger.by_key.get((accepted.id, request.idempotency_key or ""))
            if first is None or (first.stream, first.last) != accepted[:2]:
                raise self._world.fail(f"{accepted} replays {first}")
        elif appended is not None:
            if (appended.stream, appended.last) != accepted[:2]:
                raise self._world.fail(f"{accepted} for {appended}")
        elif sent.key is not None or not before <= accepted.version <= self._ledger.version(
            accepted.id
        ):
            raise self._world.fail(f"{sent} was accepted, {accepted}, and not stored")
        self._check_same_response(sent, accepted)
        self._check_effect(sent, accepted)

    def _check_same_response(self, sent: Sent, accepted: Accepted) -> None:
        if sent.key is None:
            return
        first = self._responses.setdefault((sent.stream, sent.key.key), accepted)
        if first[:2] != accepted[:2]:
            raise self._world.fail(f"{sent} got {first} and then {accepted}")

    def _check_effect(self, sent: Sent, accepted: Accepted) -> None:
        fields = self._ledger.shown(accepted.id, accepted.version).fields
        match sent.command:
            case Issue(badge):
                expected: dict[str, str | None] = asdict(badge)
            case Change(code, colour, label):
                expected = {"code": code, "colour": colour, "label": label}
            case Revoke():
                expected = {}
        is_revoked = isinstance(sent.command, Revoke)
        wrong = [
            n for n, text in expected.items() if text is not None and (fields or {}).get(n) != text
        ]
        if wrong or is_revoked != (fields is None):
            raise self._world.fail(f"{sent} was accepted, {accepted}, but shows {fields}")

    def _check_refused(
        self, sent: Sent, request: CommandRequest, before: int, error: Exception
    ) -> None:
        if stored := self._ledger.by_message.get(request.message_id):
            raise self._world.fail(f"{sent} was refused, {error!r}, and stored: {stored}")
        stream = sent.stream
        match error:
            case PreconditionFailed(version=version):
                now = self._ledger.version(stream or "")
                if version in (sent.if_match or ()) or not before <= version <= now:
                    raise self._world.fail(f"{sent} was refused, {error!r}, at version {now}")
            case KeyReused():
                target = stream or request.new_stream("")
                if (target, request.idempotency_key) not in self._ledger.by_key:
                    raise self._world.fail(f"{sent} was refused, {error!r}, with a new key")
            case NotFound():
                if stream is None or self._ledger.logs[stream].shown[-1].fields is not None:
                    raise self._world.fail(f"{sent} was refused, {error!r}, but it is there")
            case AlreadyClaimed(owner=owner):
                if owner == stream:
                    raise self._world.fail(f"{sent} was refused for its own claim, {error!r}")
            case _:
                pass
