"""The checks of pages, on pages that have each fault."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.chromium import DARK_PHONE, opened
from tests.browser.inspecting import accessibility_findings, elements_outside
from tests.browser.watching import Watch

ORIGIN = "http://127.0.0.1:9"  # nothing listens there: each response is made by the test
POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'"
PAGE = """<!doctype html><html lang="en"><title>A page</title>
<meta name="viewport" content="width=device-width"><main>{}</main></html>"""

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]

Show = Callable[[str], Page]


@pytest.fixture
def watch() -> Watch:
    return Watch(ORIGIN)


@pytest.fixture
def show(browser: Browser, watch: Watch) -> Iterator[Show]:
    """Yield a function that shows a page with this text, under a strict policy."""
    with opened(browser, ORIGIN, DARK_PHONE) as page:
        watch.over(page)

        def show(text: str) -> Page:
            def respond(route: Route) -> None:
                if route.request.resource_type != "document":
                    return route.fulfill(status=404)
                headers = {"Content-Type": "text/html", "Content-Security-Policy": POLICY}
                return route.fulfill(body=PAGE.format(text), headers=headers)

            page.route("**/*", respond)
            page.goto("/")
            return page

        yield show


def run(page: Page, script: str) -> None:
    """Run ``script``, and what it has put off until after it."""
    page.evaluate(f"() => {{ {script} }}")
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve))")


def test_a_sound_page_has_no_problem(show: Show, watch: Watch) -> None:
    page = show("<h1>Hello</h1><label>Title <input></label>")
    assert watch.problems == []
    assert accessibility_findings(page) == []
    assert elements_outside(page, DARK_PHONE.width) == []


@pytest.mark.parametrize(
    ("fault", "reported"),
    [
        ("<script>1</script>", "Content Security Policy"),
        ("<script src='/none.js'></script>", "404"),
        ("<script src='http://127.0.0.2:9/cdn.js'></script>", "asked another origin"),
    ],
)
def test_a_fault_in_a_page_is_a_problem(
    fault: str, reported: str, show: Show, watch: Watch
) -> None:
    run(show(fault), "")
    assert any(reported in problem for problem in watch.problems), watch.problems


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("console.error('lost')", "lost"),
        ("console.warn('soon')", "soon"),
        ("setTimeout(() => { throw new Error('late') })", "uncaught: late"),
        ("Promise.reject(new Error('ignored'))", "uncaught: ignored"),
    ],
)
def test_a_fault_in_a_script_is_a_problem(
    script: str, reported: str, show: Show, watch: Watch
) -> None:
    run(show("<h1>Hello</h1>"), script)
    assert any(reported in problem for problem in watch.problems), watch.problems


def test_a_response_that_the_test_expects_is_no_problem(show: Show, watch: Watch) -> None:
    watch.expected_statuses.add(404)
    run(show("<script src='/none.js'></script>"), "")
    assert watch.problems == []


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<input>", "label"),
        ("<button></button>", "button-name"),
        ("<p style='color: #777; background: #888'>faint</p>", "color-contrast"),
    ],
)
def test_a_fault_in_accessibility_is_found(fault: str, rule: str, show: Show) -> None:
    findings = accessibility_findings(show(fault))
    assert [finding.partition(" ")[0] for finding in findings] == [rule]


def test_an_element_beyond_the_screen_is_found_unless_it_can_be_scrolled_to(show: Show) -> None:
    wide = "<pre style='width: 600px'>wide</pre>"
    page = show(f"{wide}<div style='overflow-x: auto'>{wide}</div>")
    assert len(elements_outside(page, DARK_PHONE.width)) == 1
