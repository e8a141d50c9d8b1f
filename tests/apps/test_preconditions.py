"""If-Match and If-None-Match (RFC 9110, sections 13.1.1 and 13.1.2)."""

import pytest

from tests.support.api import UNKNOWN, Api

AT_3 = ['"3"', ' "3" ', '"1", "3"', '"3","2"', 'W/"3", "3"', '"x", "3"', "*", " * "]
NOT_AT_3 = ['"2"', 'W/"3"', '"1", "2"', '"03"', '"x"', '""', '"3.0"', '"9999999999999"']
GARBAGE = [
    "",
    " ",
    "3",
    "'3'",
    '"3',
    '3"',
    '"3" "2"',
    '"3", 2',
    "*, 3",
    'w/"3"',
    '"a b"',
    '"3 "',
    '"3";"2"',
]


@pytest.fixture
def book_at_3(api: Api) -> str:
    book_id = api.added()
    for title in ("Two", "Three"):
        assert api.revise(book_id, {"title": title}).status == 200
    api.project()
    return book_id


@pytest.mark.parametrize("header", AT_3)
def test_if_match_with_the_current_etag_allows_a_revision(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 200


@pytest.mark.parametrize("header", NOT_AT_3)
def test_if_match_with_another_etag_returns_412(api: Api, book_at_3: str, header: str) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 412


@pytest.mark.parametrize("header", GARBAGE)
def test_an_invalid_if_match_returns_400(api: Api, book_at_3: str, header: str) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 400


@pytest.mark.parametrize("header", ['"a,b", "3"', '"3", , "2"', ',"3",'])
def test_commas_in_etags_and_empty_list_elements_are_accepted(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 200


def test_a_412_has_the_current_version(api: Api, book_at_3: str) -> None:
    response = api.revise(book_at_3, {"title": "Four"}, {"If-Match": '"2"'})

    assert (response.headers["etag"], response.json["version"]) == ('"3"', 3)


def test_a_412_changes_nothing(api: Api, book_at_3: str) -> None:
    api.revise(book_at_3, {"title": "Four"}, {"If-Match": '"2"'})
    api.project()

    assert api.get(book_at_3).json["version"] == 3


def test_a_stale_if_match_is_reported_before_an_invalid_patch(api: Api, book_at_3: str) -> None:
    assert api.revise(book_at_3, {"title": ""}, {"If-Match": '"2"'}).status == 412


def test_a_stale_if_match_refuses_a_patch_that_would_change_nothing(
    api: Api, book_at_3: str
) -> None:
    assert api.revise(book_at_3, {}, {"If-Match": '"2"'}).status == 412


@pytest.mark.parametrize(("header", "status"), [('"3"', 200), ("*", 200), ('"2"', 412), ("3", 400)])
def test_if_match_is_honoured_on_a_removal(
    api: Api, book_at_3: str, header: str, status: int
) -> None:
    assert api.remove(book_at_3, {"If-Match": header}).status == status


@pytest.mark.parametrize("header", ['"1"', "*"])
def test_if_match_on_an_unknown_book_returns_404(api: Api, header: str) -> None:
    assert api.revise(UNKNOWN, {"title": "E"}, {"If-Match": header}).status == 404


def test_if_match_on_a_removed_book_returns_404(api: Api, book_at_3: str) -> None:
    api.remove(book_at_3)

    assert api.remove(book_at_3, {"If-Match": '"3"'}).status == 404


@pytest.mark.parametrize("header", ['"3"', 'W/"3"', '"2", "3"', '"2" , W/"3"', "*", '"a,b", "3"'])
def test_if_none_match_with_the_current_etag_returns_304(
    api: Api, book_at_3: str, header: str
) -> None:
    response = api.get(book_at_3, {"If-None-Match": header})

    assert (response.status, response.text, response.headers["etag"]) == (304, "", '"3"')


@pytest.mark.parametrize("header", ['"2"', 'W/"2"', '"33"', '""', '"W/3"'])
def test_if_none_match_with_another_etag_returns_the_book(
    api: Api, book_at_3: str, header: str
) -> None:
    response = api.get(book_at_3, {"If-None-Match": header})

    assert (response.status, response.json["version"]) == (200, 3)


@pytest.mark.parametrize("header", ['"3"', 'W/"3"', '"2", "3"', "*"])
def test_if_none_match_with_the_current_etag_refuses_a_write(
    api: Api, book_at_3: str, header: str
) -> None:
    revised = api.revise(book_at_3, {"title": "Four"}, {"If-None-Match": header})
    removed = api.remove(book_at_3, {"If-None-Match": header})

    assert (revised.status, revised.headers["etag"]) == (412, '"3"')
    assert (removed.status, removed.json["version"]) == (412, 3)


@pytest.mark.parametrize("header", ['"2"', 'W/"2"', '"33"', '""', '"W/3"'])
def test_if_none_match_with_another_etag_allows_a_write(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-None-Match": header}).status == 200


@pytest.mark.parametrize("header", ['"3"', "*"])
def test_if_none_match_on_an_unknown_book_returns_404(api: Api, header: str) -> None:
    assert api.revise(UNKNOWN, {"title": "E"}, {"If-None-Match": header}).status == 404


@pytest.mark.parametrize("header", GARBAGE)
def test_an_invalid_if_none_match_of_a_write_returns_400(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.remove(book_at_3, {"If-None-Match": header}).status == 400


@pytest.mark.parametrize("header", GARBAGE)
def test_an_invalid_if_none_match_returns_400(api: Api, book_at_3: str, header: str) -> None:
    assert api.get(book_at_3, {"If-None-Match": header}).status == 400


def test_a_write_returns_the_etag_of_the_next_read(api: Api) -> None:
    written = api.add()
    api.project()

    assert api.get(written.json["id"]).headers["etag"] == written.headers["etag"]
