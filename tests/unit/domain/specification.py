"""given(events).when(command).then(events): the book's rules as sentences (after emmett's DeciderSpecification)."""

from dataclasses import dataclass
from typing import TypeVar

import pytest

from core.domain.commands import BookCommand
from core.domain.decider import decide, fold_events
from core.domain.events import BookEvent

E = TypeVar("E", bound=Exception)


@dataclass(frozen=True)
class When:
    events: tuple[BookEvent, ...]
    command: BookCommand

    def then(self, *expected: BookEvent) -> None:
        assert decide(fold_events(self.events), self.command) == list(expected)

    def raises(self, kind: type[E]) -> E:
        with pytest.raises(kind) as raised:
            decide(fold_events(self.events), self.command)
        return raised.value


@dataclass(frozen=True)
class Given:
    events: tuple[BookEvent, ...]

    def when(self, command: BookCommand) -> When:
        return When(self.events, command)


def given(*events: BookEvent) -> Given:
    return Given(events)
