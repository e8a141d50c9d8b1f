"""The documentation page, used to send a command and to see what a query returns then."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from core.domain.manifest import BOOKS
from tests.browser.chromium import DARK_PHONE, LIGHT_DESKTOP, Look
from tests.browser.inspecting import accessibility_findings, elements_outside

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]


def opened_operation(page: Page, method: str, path: str) -> Locator:
    """Open an operation, and return it."""
    operation = page.locator(f".opblock-{method}").filter(has=page.locator(f'[data-path="{path}"]'))
    operation.locator(".opblock-summary-control").click()
    expect(operation.locator(".execute")).to_be_visible()
    return operation


def response(operation: Locator) -> Locator:
    """Execute an operation, and return what the page shows of the response."""
    operation.locator(".execute").click()
    return operation.locator(".live-responses-table")


@pytest.mark.parametrize("look", [LIGHT_DESKTOP, DARK_PHONE], ids=str)
def test_a_command_is_sent_with_a_development_token_and_its_effect_is_read(
    page: Page, look: Look
) -> None:
    page.goto("/v1/catalog/docs")
    page.get_by_role("button", name="Use a development token").click()
    expect(page.locator("#outcome")).to_contain_text("token")
    add = opened_operation(page, "post", BOOKS.collection)
    add.locator("[data-param-name=Idempotency-Key] input").fill("the same in each look")
    added = response(add)
    expect(added).to_contain_text("201")
    location = re.search(r"location: (\S+)", added.inner_text())
    assert location
    one = opened_operation(page, "get", f"{BOOKS.collection}/{{id}}")
    one.locator("[data-param-name=id] input").fill(location[1].rpartition("/")[2])
    one.locator("[data-param-name=min_version] input").fill("1")
    read = response(one)
    expect(read).to_contain_text("200")
    expect(read).to_contain_text('"version": 1')
    assert accessibility_findings(page) == []
    assert elements_outside(page, look.width) == []


@pytest.mark.parametrize("look", [LIGHT_DESKTOP], ids=str)
def test_what_nobody_has_filled_in_is_not_sent(page: Page) -> None:
    page.goto("/v1/catalog/docs")
    listing = opened_operation(page, "get", BOOKS.collection)
    with page.expect_request(f"**{BOOKS.collection}*") as sent:
        listing.locator(".execute").click()
    assert urlsplit(sent.value.url).query == ""
    assert not {"if-none-match", "x-correlation-id"} & sent.value.headers.keys()
