"""Waiting for what another process or thread brings about."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TIMEOUT_SECONDS = 60.0
_PAUSE_SECONDS = 0.05


def until(look: Callable[[], T], accepts: Callable[[T], bool], pause: float = _PAUSE_SECONDS) -> T:
    """Return the first result of ``look`` that ``accepts`` accepts; fail with the last one."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not accepts(seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {TIMEOUT_SECONDS} s"
        time.sleep(pause)
    return seen
