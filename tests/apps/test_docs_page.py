"""The documentation page, and the files that it uses."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.adapters.http import docs_page
from core.adapters.http.docs_page import NOT_INSTALLED
from core.bootstrap import process
from tests.support.api import APPS, Api
from tests.support.gateway import HttpResponse

DOCS = "/v1/catalog/docs"
OURS = {"docs.css", "docs.js"}
THEIRS = {"swagger-ui.css", "swagger-ui-bundle.js"}
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def get(api: Api, target: str = "", headers: Mapping[str, str] | None = None) -> HttpResponse:
    return api.gateway.send("GET", f"{DOCS}{target}", headers=headers)


def links(page: HttpResponse) -> dict[str, str]:
    """Return what the page asks for after the document, by name."""
    return {url.split("?")[0]: url for url in re.findall(r'(?:src|href)="docs/([^"]+)"', page.text)}


def test_the_page_and_all_that_it_uses_are_there(api: Api) -> None:
    page = get(api)

    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert links(page).keys() == OURS | THEIRS
    for name, url in links(page).items():
        asset = get(api, f"/{url}")
        assert (asset.status, asset.headers["content-type"]) == (200, TYPES[Path(name).suffix])
        assert asset.headers["x-content-type-options"] == "nosniff"


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(api: Api) -> None:
    page = get(api)
    policy = page.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page.text)


def test_the_page_asks_for_nothing_but_what_is_beside_it(api: Api) -> None:
    # Relative, so that it is right below any base path.
    urls = re.findall(r'(?:src|href)="([^"]+)"', get(api).text)

    assert {url.split("?")[0] for url in urls} == {
        *(f"docs/{name}" for name in OURS | THEIRS),
        "openapi.json",
        "data:,",
    }
    assert 'url: "openapi.json"' in (APPS / "query" / "pages" / "docs.js").read_text()


def test_a_file_is_kept_forever_at_the_url_that_names_its_content(api: Api) -> None:
    url = links(get(api))["docs.js"]

    kept, outdated, plain = (
        get(api, f"/{target}").headers["cache-control"]
        for target in (url, "docs.js?v=0123456789abcdef", "docs.js")
    )

    assert "immutable" in kept
    assert outdated == plain == "no-cache"


def test_a_file_that_the_client_has_is_not_sent_again(api: Api) -> None:
    etag = get(api, "/docs.js").headers["etag"]

    response = get(api, "/docs.js", {"If-None-Match": etag})

    assert (response.status, response.text, response.headers["etag"]) == (304, "", etag)


@pytest.mark.parametrize("name", ["docs.html", "swagger-ui.js", "LICENSE", "..", "docs.js.gz"])
def test_no_other_file_is_served(api: Api, name: str) -> None:
    response = get(api, f"/{name}")

    assert response.status == 404
    assert response.json["type"].endswith("no-such-page")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8004/token"])
def test_the_page_sends_requests_only_where_there_are_development_tokens(
    api: Api, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DEVELOPMENT_TOKEN_URL", url)
    process.settings.cache_clear()

    assert f'data-token-url="{url}"' in get(api).text


@pytest.mark.parametrize("target", ["", "/swagger-ui.css"])
def test_where_swagger_ui_is_not_installed_the_reason_is_given(
    api: Api, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docs_page, "SWAGGER_UI", "not_installed")

    response = get(api, target)

    assert response.status == 404
    assert response.json["detail"] == NOT_INSTALLED


def test_no_code_of_swagger_uis_package_is_run(api: Api) -> None:
    get(api, "/swagger-ui.css")

    # It would import flask, which is not installed for it.
    assert "flask_swagger_ui" not in sys.modules
