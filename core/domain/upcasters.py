"""Lift older stored forms of events to the next version (see ``core.domain.events``)."""

from collections.abc import Mapping
from typing import Any

Data = Mapping[str, Any]


def added_1_to_2(data: Data) -> Data:
    """Lift a ``BookAdded`` that has the year of publication as a number."""
    return {**data, "details": _year_to_published(data["details"])}


def revised_1_to_2(data: Data) -> Data:
    """Lift a ``BookRevised`` that has the year of publication as a number."""
    return {**data, "changes": _year_to_published(data["changes"])}


def _year_to_published(fields: Data) -> Data:
    # Version 1 kept the year of publication as a whole number; version 2 keeps a year, month or day
    # as text.
    if "year" not in fields:
        return fields
    year = fields["year"]
    published = None if year is None else f"{'-' if year < 0 else ''}{abs(year):04d}"
    return {**{k: v for k, v in fields.items() if k != "year"}, "published": published}
