"""What a page must not do: report errors, break its own policy, or ask another origin."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Error, Page, Request

_STATUS = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})")


@dataclass
class Watch:
    """The problems of a page since it was opened.

    A violation of the Content-Security-Policy is an error in the console, and so is every response
    of 400 and above; a test names those that it provokes.
    """

    origin: str
    expected_statuses: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Listen to ``page``."""
        page.on("console", self._hear)
        page.on("pageerror", self._see)
        page.on("request", self._follow)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        status = _STATUS.match(message.text)
        if status is None or int(status[1]) not in self.expected_statuses:
            self.problems.append(f"{message.text} ({message.location.get('url')})")

    def _see(self, error: Error) -> None:
        self.problems.append(f"uncaught: {error}")

    def _follow(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.problems.append(f"asked another origin: {request.url}")
