"""The type of every problem is a URL that opens, and explains the problem to people."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from core.adapters.http.problem_pages import EXPLANATIONS
from core.adapters.http.problems import INTERNAL, KINDS, words_of
from core.config import OPENAPI_DOCUMENT, PROBLEM_TYPES
from core.domain.manifest import BOOKS
from tests.apps.test_failures import PROBLEMS
from tests.support.api import Api
from tests.support.gateway import HttpResponse

NAMES = sorted(
    kind.in_words(words).name
    for kind in (*KINDS.values(), INTERNAL)
    for words in words_of(kind, BOOKS)
)


def page(api: Api, name: str) -> HttpResponse:
    return api.gateway.send("GET", f"{PROBLEM_TYPES}{name}")


class Tags(HTMLParser):
    """The names of all tags of a page, and the names of all attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str | None] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value for name, value in attrs if name == "href"}


def test_every_kind_of_problem_is_explained() -> None:
    assert EXPLANATIONS.keys() == KINDS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_has_a_page_in_the_words_of_the_domain(api: Api, name: str) -> None:
    response = page(api, name)

    assert response.status == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<code>{PROBLEM_TYPES}{name}</code>" in response.text
    assert not re.search(r"\{\w*\}", response.text)


def test_every_type_in_the_openapi_document_has_a_page(api: Api) -> None:
    types = set(re.findall(rf'"{PROBLEM_TYPES}([^"{{]+)"', OPENAPI_DOCUMENT.read_text()))

    assert "internal" in types
    assert {name for name in types if page(api, name).status != 200} == set()


@pytest.mark.parametrize("status", PROBLEMS)
def test_the_type_of_a_response_opens(api: Api, status: int) -> None:
    problem = PROBLEMS[status](api).json

    opened = api.gateway.send("GET", problem["type"])

    assert opened.status == 200
    assert f"<h1>{problem['title']}</h1>" in opened.text
    assert f"<dd>{status} " in opened.text


@pytest.mark.parametrize("name", ["nothing", "no-such-{noun}", "no-such-", "INTERNAL", "%2E%2E"])
def test_an_unknown_name_returns_404_with_a_type_that_opens(api: Api, name: str) -> None:
    response = page(api, name)

    assert response.status == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json["type"] == f"{PROBLEM_TYPES}no-such-page"
    assert api.gateway.send("GET", response.json["type"]).status == 200


def test_a_page_links_to_all_others(api: Api) -> None:
    assert Tags(page(api, "internal").text).links == {*NAMES} - {"internal"}


def test_a_page_has_no_script_and_its_policy_allows_none(api: Api) -> None:
    response = page(api, "internal")
    policy = response.headers["content-security-policy"].split("; ")
    parsed = Tags(response.text)

    assert not parsed.tags & {"script", "img", "iframe", "object", "link", "form", "base"}
    assert not {name for name in parsed.attributes if name.startswith("on") or name == "style"}
    assert policy[0] == "default-src 'none'"
    assert "unsafe" not in response.headers["content-security-policy"]


def test_the_policy_allows_the_style_of_the_page_by_its_hash(api: Api) -> None:
    response = page(api, "internal")
    [style] = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}';" in response.headers["content-security-policy"]


def test_a_page_may_be_cached_and_a_problem_may_not(api: Api) -> None:
    assert page(api, "internal").headers["cache-control"] == "public, max-age=3600"
    assert page(api, "nothing").headers["cache-control"] == "no-store"
