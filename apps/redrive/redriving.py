"""Redriving a queue: the records of each message are handled, then the message is deleted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.redrive.letters import EventLetter, Letter, NoRecords, Record, read_letter
from apps.redrive.queue import Message
from core.config import ConfigurationError
from core.ports.errors import StoreUnavailable

ReadRecords = Callable[[Letter | EventLetter], Sequence[Record]]
"""Returns the records that a letter is about; raises NoRecords when some are gone."""

Handle = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A function that Lambda invokes with records of the stream; returns which of them failed. Raises
NoRecords for a record of which nothing can be made."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """The functions on the stream of the events table."""

    project: Handle
    publish: Handle

    def of(self, letter: Letter | EventLetter) -> Handle:
        """Return the function that has given up what a letter is about."""
        is_publishers = isinstance(letter, EventLetter) or letter.function.endswith("-publish")
        return self.publish if is_publishers else self.project


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
    queue: Queue, table: str, records_of: ReadRecords, handlers: Handlers, *, discard: bool
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
                count = _redrive(message, table, records_of, handlers)
            except NoRecords as problem:
                outcome.problems.append(f"message {message.id}: {problem}")
                if not discard:
                    continue
            else:
                outcome.messages += 1
                outcome.records += count
            queue.delete(message)
            held.remove(message)
    finally:
        for message in held:
            queue.release(message)
    return outcome


def _redrive(message: Message, table: str, records_of: ReadRecords, handlers: Handlers) -> int:
    """Handle the records of a message and return how many they are."""
    letter = read_letter(message.body)
    if isinstance(letter, Letter) and letter.table != table:
        raise ConfigurationError(
            f"EVENTS_TABLE is {table}, but the queue has records of the table {letter.table}"
        )
    try:
        records = records_of(letter)
        failures = handlers.of(letter)({"Records": records})["batchItemFailures"]
    except NoRecords as problem:
        raise NoRecords(f"{problem}: {letter}") from problem
    if failures:
        raise StoreUnavailable("a service is unavailable; the last line of the log has the reason")
    return len(records)
