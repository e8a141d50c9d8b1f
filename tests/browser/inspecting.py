"""What is wrong with a page that has no error: for people who cannot see it, or have a phone."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

_OUTSIDE = """
(width) => {
  const scrolls = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement)
      if (/auto|scroll/.test(getComputedStyle(box).overflowX)) return box !== document.body;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && box.right > width + 1 && !scrolls(element);
    })
    .map((element) => element.cloneNode().outerHTML);
}
"""


def accessibility_findings(page: Page) -> list[str]:
    """Return what axe-core calls serious or critical, an element each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html']}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def elements_outside(page: Page, width: int) -> list[str]:
    """Return the elements that reach beyond a screen of ``width``, where nothing scrolls them."""
    found: list[str] = page.evaluate(_OUTSIDE, width)
    return found
