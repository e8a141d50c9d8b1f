"""Ports that stay free while their process is started again."""

import os
import socket
from typing import Final

_FIRST: Final = 20_000
_LAST: Final = 29_999
"""Below the ports that Linux (from 32,768) and macOS (from 49,152) give to clients: one of ours
could otherwise get the port of a process that was just killed."""

_STRIDE: Final = 16


def stable_ports(count: int) -> list[int]:
    """Return free ports. Several test processes at once begin to look at different places."""
    size = _LAST - _FIRST + 1
    start = _STRIDE * os.getpid() % size
    found: list[int] = []
    for offset in range(size):
        port = _FIRST + (start + offset) % size
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"there are no {count} free ports from {_FIRST} to {_LAST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT does not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
