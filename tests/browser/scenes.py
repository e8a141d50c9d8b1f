"""A walk through the pages, with a stop at each state that is worth a look."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.explorer import Explorer

EXPECTED_STATUSES = {412, 422}
"""What the walk provokes."""


def walk(explorer: Explorer, title: str) -> Iterator[str]:
    """Add a book with this title, revise it and run into a conflict; yield each state's name."""
    explorer.open()
    yield "list"
    explorer.choose("Frankenstein")
    yield "book"
    explorer.at("#token-button").click()
    yield "token"
    explorer.at("#development-token").click()
    explorer.at("#create-button").click()
    explorer.send(title=title, authors="Jane Austen", isbn="9780141439588")
    expect(explorer.at("#error-isbn")).to_be_visible()
    yield "refused"
    explorer.send(isbn="")
    explorer.see_it_through()
    yield "added"
    explorer.at("#resend-button").click()
    expect(explorer.at("#lane-log")).to_have_attribute("data-state", "unchanged")
    yield "replayed"
    explorer.revise(published="1818", subjects="Fiction\nSatire")
    explorer.see_it_through()
    yield "revised"
    explorer.revise(precondition="old", subjects="Comedy")
    expect(explorer.at("#conflict")).to_be_visible()
    yield "conflict"
