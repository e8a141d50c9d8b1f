"""Chromium, driven by Playwright: as people of different screens and tastes see a page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_MS: Final = 20_000  # for what a page is waited for, on a busy machine
_QUIET: Final = ("--disable-gpu", "--disable-component-update", "--disable-domain-reliability")


class NoChromium(Exception):
    """This machine has no Chromium; ``str()`` says what installs it."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a person has set, and holds."""

    scheme: Literal["light", "dark"]
    device: Literal["desktop", "phone"]

    @property
    def width(self) -> int:
        """The screen's width in CSS pixels."""
        return 390 if self.device == "phone" else 1280

    def __str__(self) -> str:
        return f"{self.scheme}, {self.device}"


LIGHT_DESKTOP: Final = Look("light", "desktop")
DARK_PHONE: Final = Look("dark", "phone")
LOOKS: Final = (LIGHT_DESKTOP, Look("dark", "desktop"), Look("light", "phone"), DARK_PHONE)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Yield a Chromium without a window, with a profile of its own. Raise NoChromium.

    Playwright's flags are for tests: no first run, no extensions, no traffic in the background. No
    sandbox either: root, who runs the tests in CI, may have none, and the pages are our own.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoChromium("there is no Chromium on PATH: .ci/install-browser installs it on Debian")
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, origin: str, look: Look) -> Iterator[Page]:
    """Yield a page of ``origin`` for a person with this ``look``, without cookies or storage."""
    phone = look.device == "phone"
    with browser.new_context(
        base_url=origin,
        color_scheme=look.scheme,
        viewport={"width": look.width, "height": 844 if phone else 800},
        is_mobile=phone,
        has_touch=phone,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    ) as context:
        context.set_default_timeout(TIMEOUT_MS)
        yield context.new_page()
