"""The document's examples are what the services do: sent to them, they come back as documented."""

from typing import Any
from urllib.parse import urlencode

import pytest

from core.ports.events import NOTHING_CHANGED
from tests.support.api import Api
from tests.support.documented import Documentation
from tests.support.example import BOOKS

OF_THE_RUN = {
    *("id", "added_at", "revised_at"),
    *("occurred_at", "actor", "event_id", "correlation_id", "causation_id"),
}
"""What differs between the example and a run."""


def lasting(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in OF_THE_RUN}


@pytest.fixture
def added(api: Api, documentation: Documentation) -> str:
    """Send the examples of a new book and of a revision, and return the id of the book."""
    created = api.add(documentation.example(BOOKS, "POST"))
    book = str(created.json["id"])
    revised = api.revise(book, documentation.example(f"{BOOKS}/{{id}}", "PATCH"))
    assert (created.status, revised.status) == (201, 200)
    assert lasting(revised.json) == lasting(
        documentation.example_response(f"{BOOKS}/{{id}}", "PATCH", "200")
    )
    api.project()
    return book


def test_the_example_of_a_book_is_what_its_commands_lead_to(
    api: Api, added: str, documentation: Documentation
) -> None:
    documented = documentation.example_response(f"{BOOKS}/{{id}}", "GET", "200")
    assert lasting(api.get(added).json) == lasting(documented)


def test_the_example_of_a_page_has_the_book(
    api: Api, added: str, documentation: Documentation
) -> None:
    (documented,) = documentation.example_response(BOOKS, "GET", "200")["items"]
    (item,) = api.get().json["items"]
    assert lasting(item) == lasting(documented)


def test_the_example_of_a_history_has_the_events(
    api: Api, added: str, documentation: Documentation
) -> None:
    documented = documentation.example_response(f"{BOOKS}/{{id}}/history", "GET", "200")["items"]
    assert [*map(lasting, api.history(added).json["items"])] == [*map(lasting, documented)]


def test_the_record_of_a_command_that_changed_nothing_is_documented(api: Api, added: str) -> None:
    assert api.revise(added, {}, {"Idempotency-Key": "again"}).status == 200
    assert api.history(added).json["items"][-1]["type"] == NOTHING_CHANGED


def test_every_example_of_a_filter_finds_the_book(
    api: Api, added: str, documentation: Documentation
) -> None:
    operation = documentation.operation(BOOKS, "GET")
    assert operation is not None
    own = [parameter for parameter in operation["parameters"] if "example" in parameter]
    assert own
    for parameter in own:
        query = urlencode({parameter["name"]: parameter["example"]})
        assert [item["id"] for item in api.get(f"?{query}").json["items"]] == [added], query
