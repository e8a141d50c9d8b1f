"""The decider: a domain's write side as plain functions.

Chassaing, "Functional Event Sourcing Decider" (2021).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")


class Claim(NamedTuple):
    """A value that one stream holds alone: no other stream has ``value`` under ``kind``."""

    kind: str
    value: str


class Decider(NamedTuple, Generic[S, C, E]):
    """Pure functions over a state ``S``, commands ``C`` and events ``E``.

    - ``initial`` is the state of a stream without events.
    - ``decide`` returns the events that a command causes, none when it changes nothing; raises
      Refusal. In the initial state, where there is nothing to leave unchanged, it does one or the
      other.
    - ``evolve`` returns the state after an event; raises ImpossibleHistory for an event that
      ``decide`` never returns in that state.
    - ``is_terminal`` returns whether a state is an end: nothing is there any more, and no event
      follows.
    - ``claims`` returns the claims that a state holds.
    """

    initial: S
    decide: Callable[[S, C], Sequence[E]]
    evolve: Callable[[S, E], S]
    is_terminal: Callable[[S], bool]
    claims: Callable[[S], Iterable[Claim]]


class ImpossibleHistory(Exception):
    """Events in an order that ``decide`` never causes: something else wrote or damaged them."""
