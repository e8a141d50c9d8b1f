"""The documentation page: Swagger UI, which reads the OpenAPI document beside the page.

What is ours has nothing inline, so the page's policy can be strict. Swagger UI is two files of a
PyPI package, of which no code is run. Only the routes of the page import this module.
"""

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from core.adapters.http.assets import Asset, read_asset
from core.adapters.http.requests import NoSuchPage

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page's Content-Security-Policy. Swagger UI's icons are data:; the styles that it sets on
elements are properties, which need no 'unsafe-inline'."""

SWAGGER_UI: Final = "flask_swagger_ui"
"""The folder of the package that brings Swagger UI."""

_OURS: Final = ("docs.css", "docs.js")
_THEIRS: Final = ("swagger-ui.css", "swagger-ui-bundle.js")

NOT_INSTALLED: Final = "Swagger UI is not installed here; requirements/query.txt has its package."


def docs_page(folder: Path, token_url: str | None) -> str:
    """Return the page, whose own files are in ``folder``. Raises NoSuchPage.

    At ``token_url`` anybody gets a token for development, with which the page sends requests;
    without it, the page is to be read.
    """
    page = (folder / "docs.html").read_text()
    for name in (*_OURS, *_THEIRS):
        url = f"docs/{name}"
        page = page.replace(f'"{url}"', f'"{url}?v={docs_asset(folder, name).digest}"')
    return page.replace('data-token-url=""', f'data-token-url="{escape(token_url or "")}"')


def docs_asset(folder: Path, name: str) -> Asset:
    """Return a file of the page. Raises NoSuchPage, also where Swagger UI is not installed."""
    if name in _OURS:
        return read_asset(folder / name)
    if name in _THEIRS:
        return read_asset(_swagger_ui() / name)
    raise NoSuchPage


def _swagger_ui() -> Path:
    # Without importing the package, which would import what is not installed.
    found = find_spec(SWAGGER_UI)
    if found is None or not found.submodule_search_locations:
        raise NoSuchPage(NOT_INSTALLED)
    return Path(next(iter(found.submodule_search_locations))) / "dist"
