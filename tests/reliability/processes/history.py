"""What happened in a run, as data: requests, faults, and the log as it was at the end.

A history is kept as JSON lines, so that a failing run can be looked at, and checked again by
``python -m tests.reliability.processes.check FILE``. Times are seconds of this machine's monotonic
clock.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

SERIES: Final = "series"
"""The field that only the next version of the code knows (``rolling.py``)."""


class Outcome(StrEnum):
    """What a client knows of its request after it."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Operation:
    """One HTTP request of one client to one process, from just before it was sent.

    ``request`` has what was asked (``workload.py``), ``response`` what the checks need of the body
    and headers. A command's ``correlation_id`` is unique, and the log keeps it with the event.
    """

    client: str
    process: str
    kind: str
    request: Mapping[str, Any]
    invoked: float
    completed: float
    outcome: Outcome
    status: int = 0
    response: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_command(self) -> bool:
        """Whether this is a request to change something."""
        return self.kind in COMMANDS


COMMANDS: Final = frozenset({"add", "revise", "remove"})


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event in the log. ``data`` is JSON data in the schema version that was stored."""

    stream: str
    version: int
    event_id: str
    type: str
    data: Mapping[str, Any]
    occurred_at: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was done to the processes or to the store."""

    name: str
    began: float
    ended: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run can be repeated by, and where the clients found the services."""

    store: str
    seed: int
    seconds: float


@dataclass(frozen=True)
class History:
    """All of a run."""

    run: Run
    operations: list[Operation] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the history's file."""
        for name, records in (
            ("run", [self.run]),
            ("fault", self.faults),
            ("operation", self.operations),
            ("event", self.events),
        ):
            yield from (_line(name, record) for record in records)


def digest(item: Mapping[str, Any]) -> str:
    """Return a digest of a listing's item, without the field that not every process knows."""
    known = {name: value for name, value in item.items() if name != SERIES}
    return sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:12]


def _line(name: str, record: Any) -> str:
    return json.dumps({"record": name, **asdict(record)}, ensure_ascii=False)


def parse(lines: Iterable[str]) -> History:
    """Return the history that ``lines`` have."""
    first, *rest = map(json.loads, lines)
    del first["record"]
    history = History(Run(**first))
    for record in rest:
        match record.pop("record"):
            case "operation":
                outcome = Outcome(record.pop("outcome"))
                history.operations.append(Operation(outcome=outcome, **record))
            case "fault":
                history.faults.append(Fault(**record))
            case "event":
                history.events.append(LoggedEvent(**record))
    return history


def save(history: History, path: Path) -> None:
    """Write a history to a file."""
    path.write_text("".join(f"{line}\n" for line in history.lines()), "utf-8")


def load(path: Path) -> History:
    """Return the history of a file."""
    return parse(path.read_text("utf-8").splitlines())
