"""Older stored forms of events, lifted version by version to the newest one when they are read.

To change an event's stored form: raise its number in ``SCHEMA_VERSIONS`` and add the step from the version before.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Data = Mapping[str, Any]


def _year_to_published(fields: Data) -> Data:
    # Version 1 kept the year of publication as a whole number; version 2 keeps a year, month or day as text.
    if "year" not in fields:
        return fields
    year = fields["year"]
    published = None if year is None else f"{'-' if year < 0 else ''}{abs(year):04d}"
    return {**{k: v for k, v in fields.items() if k != "year"}, "published": published}


def _added_1_to_2(data: Data) -> Data:
    return {**data, "details": _year_to_published(data["details"])}


def _revised_1_to_2(data: Data) -> Data:
    return {**data, "changes": _year_to_published(data["changes"])}


_STEPS: Final[dict[tuple[str, int], Callable[[Data], Data]]] = {
    ("BookAdded", 1): _added_1_to_2,
    ("BookRevised", 1): _revised_1_to_2,
}


def upcast(name: str, schema_version: int, data: Data) -> Data:
    """Return ``data`` of an event ``name``, stored in ``schema_version``, in the newest form."""
    while (step := _STEPS.get((name, schema_version))) is not None:
        data, schema_version = step(data), schema_version + 1
    return data
