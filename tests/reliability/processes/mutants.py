"""Broken versions of the code that only several processes, or a real connection, show."""

from typing import Final

from tests.reliability.processes.trees import Edit

_HANDLING: Final = "core/application/handling.py"
_APPEND: Final = "self.store.append(stream, version, envelopes, self._claims(state, events))"

ACKNOWLEDGED_TOO_EARLY: Final = (
    Edit(_HANDLING, _APPEND, f"Thread(target=lambda: {_APPEND}).start()"),
    Edit(
        _HANDLING,
        "from functools import reduce\n",
        "from functools import reduce\nfrom threading import Thread\n",
    ),
)
"""The response is sent before the append has returned, and whatever it raises is lost."""

KEYS_IN_MEMORY: Final = (
    Edit(
        _HANDLING,
        "        if own is None:\n            return None\n",
        "        if own is None or request.idempotency_key not in _KEYS:\n"
        "            _KEYS.add(request.idempotency_key)\n            return None\n",
    ),
    Edit(_HANDLING, "MAX_ATTEMPTS: Final = 10\n", "MAX_ATTEMPTS: Final = 10\n_KEYS = set()\n"),
)
"""A process recognises only the keys that it has seen itself."""


LOST_RESPONSE_IS_A_CONFLICT: Final = (
    Edit(
        "core/adapters/dynamodb/event_store.py",
        "if _are_stored(",
        "if False and _are_stored(",
    ),
)
"""The client's own repeat of a write whose response was lost counts as somebody else's."""
