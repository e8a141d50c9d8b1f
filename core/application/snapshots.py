"""Snapshots: what the first events of a stream have come to, so that they need not be read again.

They save time and nothing else. What cannot be read, was damaged, or was made by other code counts
as missing, and then the events are read. So all of them may be deleted at any time.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

from core.ports.domain import Domain
from core.ports.event_store import NEWEST_SNAPSHOT, EventStore
from core.ports.events import Envelope
from core.ports.records import Record, from_data, to_data
from core.ports.views import View

V = TypeVar("V", bound=Record)

_FORMAT: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[V]):
    """A stream at a multiple of ``Domain.snapshot_every``.

    ``view`` is what it shows there. The newest snapshot also says what was before: ``keys``
    recognises the idempotency keys of all events up to there, by 24 bits of a digest of each. They
    take 4 characters a key, 40 KB for 10,000. A key that is not there was never used. One that is
    may be another with the same bits: once in 400 new keys when there are 10,000.
    ``earliest`` has, for the versions up to each snapshot from the one before, the time of the
    earliest event (``microseconds``): times are not in the order of versions.
    """

    view: View[V]
    keys: str = ""
    earliest: tuple[int, ...] = ()

    def may_have(self, key: str) -> bool:
        """Return whether one of the events up to the snapshot may have an idempotency key."""
        return _short(key) in self.keys


def short_keys(events: Iterable[Envelope[Any]]) -> str:
    """Return what ``Snapshot.keys`` keeps of the keys of ``events``."""
    keys = (e.idempotency_key for e in events if e.idempotency_key is not None)
    return "".join(map(_short, dict.fromkeys(keys)))


def _short(key: str) -> str:
    return b64encode(blake2b(key.encode(), digest_size=3).digest()).decode()


def microseconds(instant: datetime) -> int:
    """Return the microseconds from 1970 to ``instant``: exactly, for it is never more precise."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def encode(snapshot: Snapshot[V], domain: Domain[Any, Any, Any, V]) -> str:
    """Return ``snapshot`` as text that ``decode`` reads."""
    view = snapshot.view
    content = {
        "version": view.version,
        "details": to_data(view.details),
        "added_at": view.added_at.isoformat(),
        "revised_at": view.revised_at.isoformat(),
        "keys": snapshot.keys,
        "earliest": snapshot.earliest,
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"{_digest(view.id, text, domain)} {text}"


def decode(text: str | None, stream: str, domain: Domain[Any, Any, Any, V]) -> Snapshot[V] | None:
    """Return the snapshot of ``stream`` in ``text``, None unless it is whole and of this code."""
    digest, _, content = (text or "").partition(" ")
    if digest != _digest(stream, content, domain):
        return None
    try:
        kept = json.loads(content)
        view = View(
            id=stream,
            version=kept["version"],
            details=from_data(domain.listing.details, kept["details"]),
            added_at=datetime.fromisoformat(kept["added_at"]),
            revised_at=datetime.fromisoformat(kept["revised_at"]),
        )
        return Snapshot(view, kept["keys"], tuple(kept["earliest"]))
    except (LookupError, TypeError, ValueError):  # the details' class has become stricter
        return None


def _digest(stream: str, content: str, domain: Domain[Any, Any, Any, Any]) -> str:
    """Return a digest that changes with the content, and with whatever gives it a meaning."""
    schema = [
        _FORMAT,
        domain.noun,
        domain.state_version,
        domain.snapshot_every,
        sorted(domain.events.schema_versions.items()),
        sorted(domain.listing.details.__annotations__),
    ]
    return blake2b(json.dumps([schema, stream, content]).encode(), digest_size=16).hexdigest()


def newest(
    stream: str, store: EventStore[Any], domain: Domain[Any, Any, Any, V]
) -> Snapshot[V] | None:
    """Return the newest valid snapshot of ``stream``, or None. Costs one read."""
    found = decode(store.load_snapshot(stream, NEWEST_SNAPSHOT), stream, domain)
    if found is None or len(found.earliest) * domain.snapshot_every != found.view.version:
        return None
    return found
