"""The pages of ``make run`` load without a problem, for everybody."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Look
from tests.browser.inspecting import accessibility_findings, elements_outside

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("path", ["/", "/v1/catalog/docs", "/v1/catalog/problems/stale"])
def test_a_page_loads_without_a_problem_in_every_look(path: str, page: Page, look: Look) -> None:
    page.goto(path)
    expect(page.locator("h1").first).to_be_visible()
    assert accessibility_findings(page) == []
    assert elements_outside(page, look.width) == []
