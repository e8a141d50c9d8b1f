"""Who asks, and with which key: what every command carries besides its own content."""

import json
from collections.abc import Callable, Container
from hashlib import sha256
from typing import Final, NamedTuple

from core.ports.ids import uuid_text


class Actor(NamedTuple):
    """Whoever sent the command: the ``iss`` and ``sub`` of a verified token (RFC 7519)."""

    issuer: str
    subject: str


ActorName = Callable[[Actor], str]
"""What the events of a command keep of its actor."""

NOBODY: Final = "(none)"
"""What events keep where the log is to know nobody."""


def subject_of(actor: Actor) -> str:
    """Return the subject as it is."""
    return actor.subject


def nobody(_: Actor) -> str:
    """Return ``NOBODY``."""
    return NOBODY


class IdempotencyKey(NamedTuple):
    """A client's key, and the digest of the request that came with it."""

    key: str
    fingerprint: str


class CommandRequest(NamedTuple):
    """What a command carries besides its content.

    ``if_match`` has the versions of which the stream must have one, None without a condition;
    ``if_none_match`` has those that it must not have.
    """

    actor: Actor
    correlation_id: str
    message_id: str
    key: IdempotencyKey | None = None
    if_match: frozenset[int] | None = None
    if_none_match: Container[int] = ()

    @property
    def idempotency_key(self) -> str | None:
        """The digest of key and caller that is stored with the events; None without a key."""
        return None if self.key is None else _digest(self.actor, self.key.key).hex()

    def new_stream(self, new_id: str) -> str:
        """Return the id of a stream that this request begins; ``new_id`` without a key."""
        return new_id if self.key is None else keyed_stream(self.actor, self.key.key)


def keyed_stream(actor: Actor, key: str) -> str:
    """Return the id of the stream that a request of ``actor`` with ``key`` begins.

    It is derived from both, so a repeat finds what the first request made, without a store of keys.
    The id is a UUID of version 8 (RFC 9562, section 5.8).
    """
    return uuid_text(_digest(actor, key), version=8)


def _digest(actor: Actor, key: str) -> bytes:
    # Of the subject itself, whatever events keep of it: a key is its caller's also after that has
    # changed. A random key cannot be guessed, so the digest says nothing about the caller; one that
    # follows from the content can (docs/explanation/privacy.md).
    return sha256(json.dumps([actor.issuer, actor.subject, key]).encode()).digest()
