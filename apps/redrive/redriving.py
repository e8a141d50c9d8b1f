"""Redriving a queue: the records of each message are projected, then the message is deleted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.redrive.letters import Letter, NoRecords, Record, read_letter
from apps.redrive.queue import Message
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable

ReadRecords = Callable[[Letter], Sequence[Record]]
"""Returns the records that a letter is about; raises NoRecords when some are gone."""

Project = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""The function that Lambda invokes with records of the stream; returns which of them failed."""


class Queue(Protocol):
    """A queue whose messages are held from ``receive`` until they are deleted or released."""

    def receive(self) -> Message | None:
        """Return a message that nobody holds, and hold it; None when there is none."""

    def delete(self, message: Message, /) -> None:
        """Delete a message that is held."""

    def release(self, message: Message, /) -> None:
        """Let a message that is held be received again at once."""


@dataclass(slots=True)
class Outcome:
    """How many messages were redriven, with how many records, and why the others were not."""

    messages: int = 0
    records: int = 0
    problems: list[str] = field(default_factory=list)


def redrive(
    queue: Queue, table: str, records_of: ReadRecords, project: Project, *, discard: bool
) -> Outcome:
    """Redrive every message and return the outcome.

    A message whose records are gone stays in the queue, or is deleted with ``discard``. Raises
    StoreUnavailable when records fail, and ConfigurationError for records of another table than
    ``table``: no message is lost then, and the next call continues.
    """
    outcome, held = Outcome(), list[Message]()
    try:
        while (message := queue.receive()) is not None:
            held.append(message)
            try:
                records = _records(message, table, records_of)
            except NoRecords as problem:
                outcome.problems.append(f"message {message.id}: {problem}")
                if not discard:
                    continue
            else:
                _project(records, project)
                outcome.messages += 1
                outcome.records += len(records)
            queue.delete(message)
            held.remove(message)
    finally:
        for message in held:
            queue.release(message)
    return outcome


def _records(message: Message, table: str, records_of: ReadRecords) -> Sequence[Record]:
    letter = read_letter(message.body)
    if letter.table != table:
        raise ConfigurationError(
            f"EVENTS_TABLE is {table}, but the queue has records of the table {letter.table}"
        )
    try:
        return records_of(letter)
    except NoRecords as problem:
        about = f"records {letter.first} to {letter.last} of {letter.shard}"
        raise NoRecords(f"{problem}: {about}, the first from {letter.arrived}") from problem


def _project(records: Sequence[Record], project: Project) -> None:
    if project({"Records": records})["batchItemFailures"]:
        raise StoreUnavailable("the store is unavailable; the last line of the log has the reason")
