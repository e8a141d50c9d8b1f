"""``make screenshots``: each state of the pages in each look, as files in build/screenshots."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.chromium import LOOKS, Look, opened, running_browser
from tests.browser.explorer import Explorer
from tests.browser.scenes import walk
from tests.browser.shelf import stock
from tests.browser.site import running_site
from tests.support.services import ROOT

FOLDER = ROOT / "build" / "screenshots"


def take(browser: Browser, origin: str, look: Look) -> None:
    """Write the screenshots of one look."""
    with opened(browser, origin, look) as page:

        def shoot(name: str) -> None:
            file = FOLDER / f"{look.device}-{look.scheme}-{name}.png"
            page.screenshot(path=file)
            print(file.relative_to(ROOT))

        for number, state in enumerate(walk(Explorer(page), "Northanger Abbey"), start=1):
            shoot(f"explorer-{number}-{state}")
        page.goto("/v1/catalog/docs")
        page.locator(".opblock").first.wait_for()
        shoot("docs")


def main() -> None:
    """Take them all, of a site with the books of the shelf."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as origin:
        stock(origin)
        with running_browser() as browser:
            for look in LOOKS:
                take(browser, origin, look)


if __name__ == "__main__":
    main()
