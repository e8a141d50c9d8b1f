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
def test_if_match_with_the_current_tag_lets_a_revision_through(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 200


@pytest.mark.parametrize("header", NOT_AT_3)
def test_if_match_with_another_tag_is_answered_with_412(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 412


@pytest.mark.parametrize("header", GARBAGE)
def test_if_match_that_is_no_list_of_tags_is_answered_with_400(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 400


@pytest.mark.parametrize("header", ['"a,b", "3"', '"3", , "2"', ',"3",'])
def test_a_comma_within_a_tag_and_an_empty_element_of_a_list_are_fine(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.revise(book_at_3, {"title": "Four"}, {"If-Match": header}).status == 200


def test_a_412_tells_the_current_version(api: Api, book_at_3: str) -> None:
    answer = api.revise(book_at_3, {"title": "Four"}, {"If-Match": '"2"'})

    assert (answer.headers["etag"], answer.json["version"]) == ('"3"', 3)


def test_a_412_changes_nothing(api: Api, book_at_3: str) -> None:
    api.revise(book_at_3, {"title": "Four"}, {"If-Match": '"2"'})
    api.project()

    assert api.get(book_at_3).json["version"] == 3


def test_a_stale_if_match_comes_before_what_is_wrong_with_the_patch(
    api: Api, book_at_3: str
) -> None:
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
def test_if_match_on_a_book_that_never_was_is_answered_with_404(api: Api, header: str) -> None:
    assert api.revise(UNKNOWN, {"title": "E"}, {"If-Match": header}).status == 404


def test_if_match_on_a_removed_book_is_answered_with_404(api: Api, book_at_3: str) -> None:
    api.remove(book_at_3)

    assert api.remove(book_at_3, {"If-Match": '"3"'}).status == 404


@pytest.mark.parametrize("header", ['"3"', 'W/"3"', '"2", "3"', '"2" , W/"3"', "*", '"a,b", "3"'])
def test_if_none_match_with_the_current_tag_is_answered_with_304(
    api: Api, book_at_3: str, header: str
) -> None:
    answer = api.get(book_at_3, {"If-None-Match": header})

    assert (answer.status, answer.text, answer.headers["etag"]) == (304, "", '"3"')


@pytest.mark.parametrize("header", ['"2"', 'W/"2"', '"33"', '""', '"W/3"'])
def test_if_none_match_with_another_tag_is_answered_with_the_book(
    api: Api, book_at_3: str, header: str
) -> None:
    answer = api.get(book_at_3, {"If-None-Match": header})

    assert (answer.status, answer.json["version"]) == (200, 3)


@pytest.mark.parametrize("header", GARBAGE)
def test_if_none_match_that_is_no_list_of_tags_is_answered_with_400(
    api: Api, book_at_3: str, header: str
) -> None:
    assert api.get(book_at_3, {"If-None-Match": header}).status == 400


def test_the_tag_of_a_write_is_the_tag_of_what_is_read_then(api: Api) -> None:
    written = api.add()
    api.project()

    assert api.get(written.json["id"]).headers["etag"] == written.headers["etag"]
