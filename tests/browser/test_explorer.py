"""The explorer, used as a reader of the README uses it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import DARK_PHONE, LIGHT_DESKTOP, Look
from tests.browser.explorer import Explorer
from tests.browser.inspecting import accessibility_findings, elements_outside
from tests.browser.scenes import EXPECTED_STATUSES, walk
from tests.browser.shelf import stock
from tests.browser.watching import Watch

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("browser")]

on_a_desktop = pytest.mark.parametrize("look", [LIGHT_DESKTOP], ids=str)
on_both = pytest.mark.parametrize("look", [LIGHT_DESKTOP, DARK_PHONE], ids=str)


@pytest.fixture(scope="module")
def stocked(origin: str) -> None:
    """Put the books of the shelf into the catalogue."""
    stock(origin)


@pytest.fixture
def explorer(stocked: None, page: Page) -> Explorer:
    explorer = Explorer(page)
    explorer.open()
    return explorer


@on_both
def test_a_search_lists_what_matches_as_it_is_typed(explorer: Explorer) -> None:
    explorer.at("#search").press_sequentially("frank")
    expect(explorer.at("#results a")).to_have_count(1)
    expect(explorer.at("#results a")).to_contain_text("Frankenstein")
    explorer.page.reload()
    expect(explorer.at("#search")).to_have_value("frank")
    expect(explorer.at("#results a")).to_have_count(1)
    explorer.at("#search").fill("")
    expect(explorer.at("#results a").nth(2)).to_be_visible()


@on_a_desktop
def test_a_facet_filters_the_list(explorer: Explorer) -> None:
    explorer.at("#filter-panel > summary").click()
    explorer.at("#filters button[data-filter=subject]").filter(has_text="Horror").click()
    expect(explorer.at("#results a")).to_have_count(2)
    explorer.choose("Dracula")
    assert "subject=Horror" in explorer.page.url


@on_both
def test_a_book_is_opened_with_its_view_and_its_events_side_by_side(explorer: Explorer) -> None:
    explorer.choose("Dracula")
    expect(explorer.at("#view-version")).to_contain_text('"1"')
    expect(explorer.at("#view-card")).to_contain_text("Bram Stoker")
    explorer.page.reload()
    expect(explorer.at("#item-title")).to_have_text("Dracula")


@on_both
def test_a_command_is_followed_until_its_effect_is_visible(explorer: Explorer) -> None:
    explorer.get_token()
    title = f"Northanger Abbey in {explorer.page.viewport_size}"
    explorer.add(title=title, authors="Jane Austen")
    for lane in ("command", "log", "query"):
        expect(explorer.at(f"#lane-{lane}")).to_have_attribute("data-state", "done")
    expect(explorer.at("#journey-summary")).to_contain_text("Accepted as version 1")
    expect(explorer.at("#item-title")).to_have_text(title)
    expect(explorer.at("#events > li")).to_have_count(1)
    explorer.revise(authors="Jane Austen\nSomebody Else")
    explorer.see_it_through()
    expect(explorer.at("#journey-summary")).to_contain_text("Accepted as version 2")
    expect(explorer.at("#view-version")).to_contain_text('"2"')
    expect(explorer.at("#view-card")).to_contain_text("Somebody Else")
    expect(explorer.at("#events > li")).to_have_count(2)


@on_a_desktop
def test_a_repeat_with_the_same_key_adds_nothing(explorer: Explorer) -> None:
    explorer.get_token()
    explorer.add(title="Lady Susan", authors="Jane Austen")
    explorer.at("#resend-button").click()
    expect(explorer.at("#lane-command")).to_contain_text("Idempotent-Replayed: true")
    expect(explorer.at("#lane-log")).to_have_attribute("data-state", "unchanged")
    expect(explorer.at("#events > li")).to_have_count(1)
    expect(explorer.at("#view-version")).to_contain_text('"1"')


@on_both
def test_a_revision_of_an_old_version_is_a_conflict_that_can_be_resolved(
    explorer: Explorer, watch: Watch, look: Look
) -> None:
    watch.expected_statuses.add(412)
    explorer.get_token()
    explorer.add(title=f"Sanditon, {look}", authors="Jane Austen")
    explorer.revise(authors="Jane Austen\nAnna Lefroy")
    explorer.see_it_through()
    explorer.revise(precondition="old", authors="Another Lady")
    expect(explorer.at("#conflict-sent")).to_contain_text('"1"')
    expect(explorer.at("#conflict-current")).to_contain_text('"2"')
    explorer.at("#conflict-reload").click()
    explorer.send(authors="Another Lady")
    explorer.see_it_through()
    expect(explorer.at("#view-version")).to_contain_text('"3"')
    expect(explorer.at("#view-card")).to_contain_text("Another Lady")


@on_a_desktop
def test_a_field_that_is_refused_says_why(explorer: Explorer, watch: Watch) -> None:
    watch.expected_statuses.add(422)
    explorer.get_token()
    explorer.at("#create-button").click()
    explorer.send(title="Emma", authors="Jane Austen", isbn="9780141439588")
    expect(explorer.at("#error-isbn")).to_be_visible()
    expect(explorer.at("#editor [name=isbn]")).to_have_attribute("aria-invalid", "true")


@on_a_desktop
def test_a_removed_book_leaves_the_list(explorer: Explorer, watch: Watch) -> None:
    watch.expected_statuses |= {404, 410}
    explorer.get_token()
    explorer.add(title="The Watsons", authors="Jane Austen")
    explorer.at("#remove-button").click()
    explorer.at("#confirm-button").click()
    explorer.see_it_through()
    explorer.at("#search").fill("watsons")
    expect(explorer.at("#results a")).to_have_count(0)


def press_tab_until(explorer: Explorer, selector: str) -> None:
    """Move the focus on to ``selector``, as far as it is no more than 60 stops away."""
    for _ in range(60):
        explorer.page.keyboard.press("Tab")
        if explorer.at(f":is({selector}):focus").count():
            return
    pytest.fail(f"{selector} cannot be reached with the Tab key")


@on_a_desktop
def test_a_book_is_found_and_one_is_added_with_the_keyboard_alone(explorer: Explorer) -> None:
    keyboard = explorer.page.keyboard
    keyboard.press("Tab")
    expect(explorer.at("a.skip")).to_be_focused()
    press_tab_until(explorer, "#token-button")
    keyboard.press("Enter")
    press_tab_until(explorer, "#development-token")
    keyboard.press("Enter")
    expect(explorer.at("#token-dialog")).to_be_hidden()
    expect(explorer.at("#token-button")).to_be_focused()
    press_tab_until(explorer, "#search")
    keyboard.type("middlemarch")
    expect(explorer.at("#results a")).to_have_count(1)
    press_tab_until(explorer, "#results a")
    keyboard.press("Enter")
    expect(explorer.at("#item-title")).to_be_focused()
    expect(explorer.at("#item-title")).to_have_text("Middlemarch")
    explorer.at("#create-button").focus()
    keyboard.press("Enter")
    expect(explorer.at("#editor")).to_be_visible()
    keyboard.press("Escape")
    expect(explorer.at("#editor")).to_be_hidden()
    expect(explorer.at("#create-button")).to_be_focused()
    keyboard.press("Enter")
    press_tab_until(explorer, "#editor [name=title]")
    keyboard.type("Silas Marner")
    press_tab_until(explorer, "#editor [name=authors]")
    keyboard.type("George Eliot")
    press_tab_until(explorer, "#send-button")
    keyboard.press("Enter")
    explorer.see_it_through()
    expect(explorer.at("#item-title")).to_have_text("Silas Marner")


@on_a_desktop
def test_the_chosen_theme_stays(explorer: Explorer) -> None:
    for theme in ("light", "dark"):
        explorer.at("#theme-button").click()
        expect(explorer.at("html")).to_have_attribute("data-theme", theme)
    explorer.page.reload()
    expect(explorer.at("html")).to_have_attribute("data-theme", "dark")


@on_a_desktop
def test_without_a_development_provider_a_token_is_pasted(stocked: None, page: Page) -> None:
    about = {"issuer": "https://tenant.example/", "tokenEndpoint": None, "development": False}
    page.route("**/explorer.json", lambda route: route.fulfill(json=about))
    explorer = Explorer(page)
    explorer.open()
    explorer.at("#token-button").click()
    expect(explorer.at("#pasted-token")).to_be_visible()
    expect(explorer.at("#development-token")).to_be_hidden()


@on_both
def test_every_state_suits_everybody(stocked: None, page: Page, watch: Watch, look: Look) -> None:
    watch.expected_statuses |= EXPECTED_STATUSES
    for state in walk(Explorer(page), f"Mansfield Park, {look}"):
        assert accessibility_findings(page) == [], state
        assert elements_outside(page, look.width) == [], state
