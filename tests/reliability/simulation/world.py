"""Virtual time and the actors in it: coroutines of ordinary code, scheduled from a seed.

An actor runs alone until it sleeps; every request to a store is such a point. Who runs next follows
from the time at which each wakes, and that from the seeded ``random``. So the seed decides every
interleaving, and the same seed gives the same run.
"""

from collections import deque
from collections.abc import Callable
from hashlib import sha256
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

TRACE_LINES: Final = 300
"""The last steps, which a violation is printed with."""


class Killed(BaseException):
    """The process of an actor has died. Nothing in the program catches it."""


class Violation(BaseException):
    """A promise was broken. Not an Exception, so that no handler of errors takes it for one."""


class World:
    """The clock, the random numbers and the queue of what comes next."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.now = 0.0
        self.operations = 0
        self.is_calm = False
        """Whether the faults are over: what is under way is brought to its end."""
        self.trace: deque[tuple[float, str, str]] = deque(maxlen=TRACE_LINES)
        self._digest = sha256()
        self._queue: list[tuple[float, int, Any]] = []
        self._numbers = count()
        self._ids = count(1)
        self._hub = getcurrent()
        self._actors = 0

    def spawn(self, name: str, run: Callable[[], object]) -> None:
        """Begin an actor, which ends when ``run`` returns or its process is killed."""

        def live() -> None:
            try:
                run()
            except Killed:
                self.note("killed")
            self._actors -= 1

        actor = greenlet(live, parent=self._hub)
        actor.name = name
        self._actors += 1
        self._push(self.now, actor.switch)

    def sleep(self, seconds: float) -> None:
        """Let the others run, and the calling actor go on ``seconds`` later."""
        self._push(self.now + seconds, getcurrent().switch)
        self._hub.switch()

    def at(self, moment: float, call: Callable[[], object]) -> None:
        """Call ``call`` at ``moment``; it must not sleep."""
        self._push(moment, call)

    def run(self) -> None:
        """Let time pass until no actor is left."""
        queue = self._queue
        while self._actors:
            self.now, _, resume = heappop(queue)
            resume()

    def note(self, what: str) -> None:
        """Record a step of the running actor."""
        name = getattr(getcurrent(), "name", "-")
        step = (self.now, name, what)
        self.trace.append(step)
        self._digest.update(f"{self.now:.6f} {name} {what}\n".encode())

    def digest(self) -> str:
        """Return what two runs have in common only if they are the same, step by step."""
        return self._digest.hexdigest()

    def new_id(self) -> str:
        """Return an identifier that is unique in this world."""
        return f"id-{next(self._ids):06}"

    def chance(self, probability: float) -> bool:
        """Return True once in a while."""
        return self.random.random() < probability

    def fail(self, message: str) -> Violation:
        """Return the violation to raise."""
        return Violation(f"at {self.now:.3f} s: {message}")

    def _push(self, moment: float, resume: Callable[[], object]) -> None:
        heappush(self._queue, (moment, next(self._numbers), resume))
