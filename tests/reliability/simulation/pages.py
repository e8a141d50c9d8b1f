"""What a Query or Scan asks for, and the pages that it gets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tests.reliability.simulation.errors import invalid
from tests.reliability.simulation.expressions import (
    Call,
    Combination,
    Comparison,
    Node,
    condition,
    parsed,
    projection,
)
from tests.reliability.simulation.tables import Item, KeySchema, Partition, Stored


class Page(NamedTuple):
    """The items of a page, and whether there were more."""

    items: list[Item]
    is_cut: bool


class Bounds(NamedTuple):
    """A partition, and sort keys between two, each included or not: what a Query asks for."""

    partition: Any
    low: Any = None
    high: Any = None
    with_low: bool = True
    with_high: bool = True

    def after(self, sort: Any, forward: bool) -> Bounds:
        """Return what is left of it after a sort key."""
        if forward:
            return self._replace(low=sort, with_low=False)
        return self._replace(high=sort, with_high=False)


def bounds_of(
    text: str, names: tuple[tuple[str, str], ...], schema: KeySchema, values: Item
) -> Bounds:
    """Return what a key condition asks for."""
    node = parsed(text, names)
    parts: Sequence[Node] = (node,)
    if isinstance(node, Combination) and node.operator == "AND":
        parts = node.parts
    first, *rest = parts
    if not isinstance(first, Comparison) or (first.operator, first.path) != (
        "=",
        (schema.partition,),
    ):
        raise NotImplementedError(f"key condition {text}")
    bounds = Bounds(values[first.values[0]][schema.partition_type])
    for part in rest:
        if isinstance(part, Combination) or part.path != (schema.sort,):
            raise NotImplementedError(f"key condition {text}")
        operator = part.function if isinstance(part, Call) else part.operator
        found = [_plain(values[name], schema.sort_type) for name in part.values]
        bounds = _narrowed(bounds, operator, found)
    return bounds


_HIGHEST: Final = "\U0010ffff"


def _narrowed(bounds: Bounds, operator: str, values: Sequence[Any]) -> Bounds:
    match operator, *values:
        case ">", low:
            return bounds._replace(low=low, with_low=False)
        case "<", high:
            return bounds._replace(high=high, with_high=False)
        case "begins_with", prefix:
            return bounds._replace(low=prefix, high=prefix + _HIGHEST)
        case "BETWEEN", low, high:
            if low > high:
                raise invalid("The BETWEEN operator requires upper bound to be greater")
            return bounds._replace(low=low, high=high)
        case _:
            raise NotImplementedError(f"key condition with {operator}")


def _plain(value: Mapping[str, Any], kind: str) -> Any:
    return int(value[kind]) if kind == "N" else value[kind]


def between(partition: Partition | None, bounds: Bounds) -> Iterator[Stored]:
    """Return the items of a partition within ``bounds``, in order."""
    if partition is None:
        return iter(())
    order = partition.order
    start, end = 0, len(order)
    if bounds.low is not None:
        start = (bisect_left if bounds.with_low else bisect_right)(order, bounds.low)
    if bounds.high is not None:
        end = (bisect_right if bounds.with_high else bisect_left)(order, bounds.high)
    return (partition.items[sort] for sort in order[start:end])


def page_response(
    page: Page,
    last: Item | None,
    wanted: str | None,
    values: Item,
    projected: str | None,
    names: tuple[tuple[str, str], ...],
) -> dict[str, Any]:
    """Return the response with a page, whose items are those that the filter ``wanted`` keeps.

    ``last`` is the key that the next page begins after, if there is one.
    """
    keep = None if wanted is None else condition(wanted, names)
    items = page.items if keep is None else [item for item in page.items if keep(item, values)]
    response: dict[str, Any] = {
        "Items": [projection_of(item, projected, names) for item in items],
        "Count": len(items),
        "ScannedCount": len(page.items),
    }
    return response if last is None else {**response, "LastEvaluatedKey": last}


def projection_of(item: Item, expression: str | None, names: tuple[tuple[str, str], ...]) -> Item:
    """Return what ``expression`` names of an item, or all of it."""
    if expression is None:
        return item
    return {name: item[name] for name in projection(expression, names) if name in item}
