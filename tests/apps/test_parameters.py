"""Query parameters are read strictly: what is not understood is reported, never ignored."""

import pytest

from tests.support.api import UNKNOWN, Api
from tests.support.example import FILTERS
from tests.support.gateway import ANN

PATHS = {"a book": UNKNOWN, "the listing": "", "a history": f"{UNKNOWN}/history"}


def status(api: Api, path: str, query: str) -> int:
    return api.get(f"{path}?{query}", caller=ANN).status


@pytest.mark.parametrize("where", PATHS)
@pytest.mark.parametrize(
    "query", ["unknown=1", "LIMIT=1", "limit%20=1", "=1", "%F0%9F%93%9A=1", "%00=1"]
)
def test_an_unknown_parameter_returns_400(api: Api, where: str, query: str) -> None:
    assert status(api, PATHS[where], query) == 400


def test_an_unknown_parameter_is_reported_with_the_known_ones(api: Api) -> None:
    detail = api.get("?colour=red").json["detail"]

    assert "colour" in detail
    assert ", ".join(sorted([*FILTERS, "cursor", "limit", "q", "sort"])) in detail


NAMES = ["q", "author", "subject", "language", "isbn", "sort", "limit", "cursor"]


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_parameter_returns_400(api: Api, name: str) -> None:
    assert api.get(f"?{name}=title&{name}=title").status == 400


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("empty", ["", "+", "%20%20", "%09", "%C2%A0"])
def test_an_empty_parameter_returns_400(api: Api, name: str, empty: str) -> None:
    assert api.get(f"?{name}={empty}").status == 400


@pytest.mark.parametrize("sort", ["author", "--title", "+title", "-", "Title", "title,-added"])
def test_an_unknown_sort_returns_400(api: Api, sort: str) -> None:
    assert api.get(f"?sort={sort}").status == 400


@pytest.mark.parametrize("sort", ["title", "-title", "added"])
def test_a_sort_with_q_returns_400(api: Api, sort: str) -> None:
    assert api.get(f"?q=emma&sort={sort}").status == 400


@pytest.mark.parametrize("q", ["!!!", "-", "%CC%81", "%22", "a" * 501])
def test_a_q_without_letters_or_longer_than_a_title_returns_400(api: Api, q: str) -> None:
    assert api.get(f"?q={q}").status == 400


@pytest.mark.parametrize("isbn", ["1", "9780141439580", "978014143958X", "%00", "٩٧٨٠١٤١٤٣٩٥٨٧"])
def test_an_invalid_isbn_returns_400(api: Api, isbn: str) -> None:
    assert api.get(f"?isbn={isbn}").status == 400


@pytest.mark.parametrize("name", ["author", "subject", "language"])
def test_a_filter_longer_than_any_name_returns_400(api: Api, name: str) -> None:
    assert api.get(f"?{name}={'x' * 201}").status == 400


@pytest.mark.parametrize("name", ["author", "subject", "language", "q"])
@pytest.mark.parametrize(
    "text", ["%F0%9F%93%9A+x", "x%FF", "%E2%80%AEx", "x'--", 'x"*', "x%25_", "x%00"]
)
def test_any_text_is_taken_literally(api: Api, name: str, text: str) -> None:
    api.added()

    assert api.titles(f"?{name}={text}") == []
