"""``given(events).when(command).then(events)``: a domain's rules as sentences.

After emmett's DeciderSpecification.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

import pytest

from core.ports.decider import Decider

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")
Raised = TypeVar("Raised", bound=Exception)


@dataclass(frozen=True)
class When(Generic[S, C, E]):
    """A command in a state."""

    decider: Decider[S, C, E]
    state: S
    command: C

    def then(self, *expected: E) -> None:
        """Assert that the command causes exactly ``expected``."""
        assert list(self.decider.decide(self.state, self.command)) == list(expected)

    def raises(self, kind: type[Raised]) -> Raised:
        """Assert that the command is refused, and return the refusal."""
        with pytest.raises(kind) as raised:
            self.decider.decide(self.state, self.command)
        return raised.value


@dataclass(frozen=True)
class Given(Generic[S, C, E]):
    """A state."""

    decider: Decider[S, C, E]
    state: S

    def when(self, command: C) -> When[S, C, E]:
        """Return the command in this state."""
        return When(self.decider, self.state, command)


@dataclass(frozen=True)
class Specification(Generic[S, C, E]):
    """A decider to make sentences about."""

    decider: Decider[S, C, E]

    def given(self, *events: E) -> Given[S, C, E]:
        """Return the state after ``events``."""
        return Given(self.decider, folded(self.decider, events))


def folded(decider: Decider[S, Any, Any], events: Iterable[object]) -> S:
    """Return the state after ``events``. Raises ImpossibleHistory."""
    return reduce(decider.evolve, events, decider.initial)
