"""How a program is stopped: gracefully at the first signal, at once at the second."""

import os
import signal
import threading
from types import FrameType

SIGNALLED = "interrupted"
INTERRUPTED = 128 + signal.SIGINT
"""The exit status of a program that was stopped."""


class Stop:
    """A request to stop, with the first reason given. Safe in threads and signal handlers."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason: str | None = None

    def ask(self, reason: str) -> None:
        """Request the stop."""
        self.reason = self.reason or reason
        self._event.set()

    def is_asked(self) -> bool:
        """Return whether a stop was requested."""
        return self._event.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait that long, or until a stop is requested; return whether it was."""
        return self._event.wait(seconds)


def stop_on_signals(stop: Stop) -> None:
    """Stop gracefully at the first SIGINT or SIGTERM, and at once at the second."""

    def handle(_signal: int, _frame: FrameType | None) -> None:
        if stop.reason == SIGNALLED:
            os._exit(INTERRUPTED)
        stop.ask(SIGNALLED)
        # os.write: the signal may have come in the middle of another write to stderr.
        os.write(2, b"\nStopping: waiting for the responses under way. Again: stop at once.\n")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
