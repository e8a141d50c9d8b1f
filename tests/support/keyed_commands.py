"""Commands with the key "key", each as a function of a desk and of a book that is there."""

from collections.abc import Callable
from typing import Any

from core.application.handling import Accepted
from core.ports.events import Envelope
from tests.support.desk import Desk
from tests.support.example import EMMA, EMMAS_ISBN

WITH_ISBN = {**EMMA, "isbn": EMMAS_ISBN}
Send = Callable[[Desk, str], Accepted]
COMMANDS: dict[str, Send] = {
    "an addition": lambda desk, _: desk.add(WITH_ISBN, "key"),
    "a revision": lambda desk, book: desk.revise(book, {"title": "E"}, "key"),
    "a revision under a condition": lambda desk, book: desk.revise(
        book, {"title": "E"}, "key", {1}
    ),
    "a revision that changes nothing": lambda desk, book: desk.revise(book, {}, "key"),
    "a revision of the ISBN": lambda desk, book: desk.revise(book, {"isbn": EMMAS_ISBN}, "key"),
    "a removal": lambda desk, book: desk.remove(book, "key"),
    "a removal under a condition": lambda desk, book: desk.remove(book, "key", {1}),
}


def own_events(desk: Desk, accepted: Accepted) -> list[Envelope[Any]]:
    """Return the events of commands with a key."""
    return [e for e in desk.events(accepted.id) if e.idempotency_key]
