"""What a person does in the explorer, in few words."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass(frozen=True, slots=True)
class Explorer:
    """The explorer in a page. Every step waits until its effect can be seen."""

    page: Page

    def at(self, selector: str) -> Locator:
        """Return what ``selector`` finds."""
        return self.page.locator(selector)

    def open(self, address: str = "/") -> None:
        """Go to ``address``."""
        self.page.goto(address)
        expect(self.at("html")).to_have_attribute("data-ready", "true")

    def get_token(self) -> None:
        """Get a development token."""
        self.at("#token-button").click()
        self.at("#development-token").click()
        expect(self.at("#token-dialog")).to_be_hidden()
        expect(self.at("#token-button")).to_contain_text("Token")

    def choose(self, title: str) -> None:
        """Open the book of this title, which is listed."""
        self.at("#results a").filter(has_text=title).first.click()
        expect(self.at("#item-title")).to_have_text(title)

    def add(self, **fields: str) -> None:
        """Add a book, and see it arrive in the read model."""
        self.at("#create-button").click()
        self.send(**fields)
        self.see_it_through()

    def revise(self, *, precondition: str = "current", **fields: str) -> None:
        """Send a revision of the open book."""
        self.at("#revise-button").click()
        self.at(f"#editor [name=precondition][value={precondition}]").check()
        self.send(**fields)

    def send(self, **fields: str) -> None:
        """Fill in the editor's fields, and send them."""
        for name, text in fields.items():
            self.at(f"#editor [name={name}]").fill(text)
        self.at("#send-button").click()

    def see_it_through(self) -> None:
        """Wait until the command that was sent is accepted, and its effect is visible."""
        expect(self.at("#editor")).to_be_hidden()
        expect(self.at("#journey")).to_have_attribute("data-over", "true")
