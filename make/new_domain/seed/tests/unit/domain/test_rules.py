"""From a request's JSON to the details of a book."""

from typing import Any

import pytest

from core.domain.details import BookDetails
from core.domain.limits import MAX_TITLE_CHARACTERS
from core.domain.rules import parse_details, patch_details
from core.ports.refusals import InvalidInput


def test_text_is_normalised_and_trimmed() -> None:
    assert parse_details({"title": " Cafe\u0301 "}) == BookDetails(title="Caf\u00e9")


def test_null_is_the_absence_of_a_field() -> None:
    assert parse_details({"title": "One", "label": None}) == BookDetails(title="One")


@pytest.mark.parametrize(
    ("payload", "pointers"),
    [
        ({}, ["/title"]),
        ([], [""]),
        ({"title": " "}, ["/title"]),
        ({"title": "t" * (MAX_TITLE_CHARACTERS + 1)}, ["/title"]),
        ({"title": "a\u0000b", "label": 7, "reference": ""}, ["/label", "/reference", "/title"]),
        ({"title": "One", "colour": None}, ["/colour"]),
    ],
)
def test_every_error_is_reported_at_once(payload: Any, pointers: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_details(payload)

    assert sorted(error.pointer for error in refused.value.errors) == pointers


def test_a_patch_checks_and_changes_only_what_it_names() -> None:
    stored = BookDetails(title=" an old title ", label="a", reference="b")

    assert patch_details(stored, {"label": None}) == BookDetails(
        title=" an old title ", reference="b"
    )
