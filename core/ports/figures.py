"""How much a store has, for those who operate it."""

from typing import NamedTuple


class Figures(NamedTuple):
    """What a store has of events and views.

    ``live`` is the number of the generation that serves, ``building`` that of the one being built.
    ``items`` is what is counted: some stores count more than events and views. ``waiting`` events
    have not been projected, where the log has an order to know it by.
    """

    events: int
    views: int
    items: str
    live: int
    building: int | None
    waiting: int | None = None
