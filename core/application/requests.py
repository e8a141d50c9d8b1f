"""Who asks, and with which key: what every command carries besides its own content."""

import json
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever sent the command: the ``iss`` and ``sub`` of a checked token (RFC 7519)."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key, and the digest of the request that came with it."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """What a command carries besides its content.

    ``if_match`` has the versions of which the book must have one, None when the client has set no condition.
    """

    actor: Actor
    correlation_id: str
    message_id: str
    key: IdempotencyKey | None = None
    if_match: frozenset[int] | None = None

    @property
    def command_id(self) -> str | None:
        """The key within its caller, as it is stored with the events; None without a key."""
        return None if self.key is None else _digest(self.actor, self.key.key).hex()

    def book_id(self, new_id: str) -> str:
        """Return the id of a book that this request adds: derived from caller and key, or else ``new_id``.

        So a repeat finds the book that the first one made, without a store of keys. The id is a UUID of version 8
        (RFC 9562, section 5.8).
        """
        if self.key is None:
            return new_id
        octets = bytearray(_digest(self.actor, self.key.key)[:16])
        octets[6] = octets[6] & 0x0F | 0x80
        octets[8] = octets[8] & 0x3F | 0x80
        return str(UUID(bytes=bytes(octets)))


def _digest(actor: Actor, key: str) -> bytes:
    return sha256(json.dumps([actor.issuer, actor.subject, key]).encode()).digest()
