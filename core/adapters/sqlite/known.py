"""What a batch of writes has read or written, and need not read again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

MAX_NUMBERS: Final = 10_000
"""So many numbers of a table are remembered, in about 2 MB; then it begins again with none."""

T = TypeVar("T", str, bytes)

Numbers = dict[str, dict[Any, int]]
"""The numbers of texts, by the table that has them."""


@dataclass(slots=True)
class Known:
    """What is known during a transaction, in which nobody else writes.

    ``numbers`` never change once they are committed, so the next transaction knows them too.
    ``generations`` are the live one and the one being built. ``absent`` is a generation, and a
    stream of which it has nothing. ``last_rows`` has the last row of views, by generation.
    """

    numbers: Numbers = field(default_factory=dict)
    generations: tuple[int, int | None] | None = None
    absent: tuple[int, str] | None = None
    last_rows: dict[int, int] = field(default_factory=dict)

    def recall(self, table: str, texts: Iterable[T]) -> dict[T, int]:
        """Return the numbers in ``table`` of those ``texts`` that are known, in their order."""
        numbers = self.numbers.get(table, {})
        return {text: numbers[text] for text in texts if text in numbers}

    def remember(self, table: str, found: Mapping[T, int]) -> None:
        """Remember the numbers in ``table`` that were ``found``."""
        numbers = self.numbers.setdefault(table, {})
        if len(numbers) + len(found) > MAX_NUMBERS:
            numbers.clear()
        numbers.update(found)
