"""A browser, and the programs of ``make run`` with some books to look at."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from harness.prerequisites import skip_or_fail
from tests.browser.chromium import LOOKS, Look, NoChromium, opened, running_browser
from tests.browser.site import running_site
from tests.browser.watching import Watch


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a Chromium.

    It ends with the module: while Playwright runs, no other test can use asyncio.run.
    """
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(running_browser())
        except NoChromium as problem:
            skip_or_fail(str(problem))
        yield browser


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the origin of the running services and pages."""
    with running_site(tmp_path_factory.mktemp("site")) as origin:
        yield origin


@pytest.fixture(params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    """Return each look; a test that is about something else has one of its own."""
    chosen: Look = request.param
    return chosen


@pytest.fixture
def watch(origin: str) -> Watch:
    """Return what watches ``page``."""
    return Watch(origin)


@pytest.fixture
def page(browser: Browser, origin: str, look: Look, watch: Watch) -> Iterator[Page]:
    """Yield an empty page, which must have had no problem in the end."""
    with opened(browser, origin, look) as page:
        watch.over(page)
        yield page
    assert watch.problems == []
