"""Bodies: their type, their size, and JSON read strictly (RFC 8259)."""

from base64 import b64encode
from collections.abc import Callable

import pytest

from tests.support.api import Api, json_bytes
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import ANN, HttpResponse, event_of

LIMIT = 64 * 1024
MERGE_PATCH = "application/merge-patch+json"
WITH_TITLE = json_bytes(EMMA)[1:]


def post(
    api: Api, body: bytes | None, content_type: str | None = "application/json"
) -> HttpResponse:
    headers = {} if content_type is None else {"Content-Type": content_type}
    return api.gateway.send("POST", BOOKS, headers=headers, body=body, caller=ANN)


def patch(api: Api, book_id: str, body: bytes, content_type: str | None) -> HttpResponse:
    headers = {} if content_type is None else {"Content-Type": content_type}
    target = f"{BOOKS}/{book_id}"
    return api.gateway.send("PATCH", target, headers=headers, body=body, caller=ANN)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        " application/json ; version=1",
        None,
    ],
)
def test_json_in_utf_8_is_accepted_and_is_the_default_content_type(
    api: Api, content_type: str | None
) -> None:
    assert post(api, json_bytes(EMMA), content_type).status == 201


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/problem+json",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        MERGE_PATCH,
        "*/*",
        ";",
        "é",
        "json",
    ],
)
def test_another_content_type_returns_415_with_the_accepted_types(
    api: Api, content_type: str
) -> None:
    response = post(api, json_bytes(EMMA), content_type)

    assert (response.status, response.headers["accept"]) == (415, "application/json")


@pytest.mark.parametrize("content_type", [MERGE_PATCH, MERGE_PATCH + ";charset=utf-8", None])
def test_a_patch_is_a_json_merge_patch(api: Api, content_type: str | None) -> None:
    assert patch(api, api.added(), b'{"title":"E"}', content_type).status == 200


@pytest.mark.parametrize("content_type", ["application/json-patch+json", "text/plain"])
def test_a_patch_of_another_content_type_returns_415(api: Api, content_type: str) -> None:
    response = patch(api, api.added(), b"[]", content_type)

    assert response.status == 415
    assert response.headers["accept"] == f"{MERGE_PATCH}, application/json"


NOT_JSON = {
    "nothing": b"",
    "blanks": b"  \n",
    "words": b"title: Emma",
    "an end too early": b'{"title":',
    "two values": b"{}{}",
    "a trailing comma": b'{"title":"Emma",}',
    "single quotes": b"{'title':'Emma'}",
    "a comment": b"{}//",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"title":NaN}',
    "Infinity": b"Infinity",
    "-Infinity": b'{"a":[-Infinity]}',
    "no UTF-8": b'{"title":"\xff"}',
    "Latin-1": b'{"title":"caf\xe9"}',
    "an overlong form": b'"\xc0\xaf"',
    "a surrogate in bytes": b'"\xed\xa0\x80"',
    "UTF-16": '{"title":"Emma"}'.encode("utf-16"),
    "a control character in a string": b'{"title":"a\nb"}',
    "a name twice": b'{"title":"Emma",' + WITH_TITLE,
    "a name twice, written differently": b'{"\\u0074itle":"B",' + WITH_TITLE,
    "a name twice, deep within": b'{"x":[{"a":1,"a":1}]}',
    "a lone surrogate": json_bytes(EMMA).replace(b"Emma", b"\\ud800"),
    "a lone surrogate in a name": b'{"\\udfff":1}',
    "surrogates the wrong way round": b'["\\udc00\\ud800"]',
    "an endless whole number": b'{"title":' + b"9" * 10_000 + b"}",
    "a deep list": b"[" * 30_000 + b"]" * 30_000,
    "a deep list that does not end": b"[" * LIMIT,
    "a deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
}


@pytest.mark.parametrize("wrong", NOT_JSON)
def test_a_body_that_is_not_json_returns_400(api: Api, wrong: str) -> None:
    assert post(api, NOT_JSON[wrong]).status == 400


@pytest.mark.parametrize("wrong", NOT_JSON)
def test_a_patch_that_is_not_json_returns_400(api: Api, wrong: str) -> None:
    assert patch(api, api.added(), NOT_JSON[wrong], MERGE_PATCH).status == 400


def test_a_missing_body_returns_400(api: Api) -> None:
    assert post(api, None).status == 400


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "9" * 4_000, "0.1e1", "-0"])
def test_a_number_where_text_is_expected_returns_422(api: Api, number: str) -> None:
    assert post(api, json_bytes(EMMA).replace(b'"Emma"', number.encode())).status == 422


def test_a_surrogate_pair_is_one_character(api: Api) -> None:
    response = post(api, json_bytes(EMMA).replace(b"Emma", b"\\ud83d\\udcda"))
    api.project()

    assert api.get(response.json["id"]).json["title"] == "📚"


def _depths(api: Api, send: Callable[[int], int]) -> list[int]:
    """Return the statuses around the depth at which this interpreter gives up."""
    shallow, deep = 1, 30_000
    while deep - shallow > 1:
        middle = (shallow + deep) // 2
        shallow, deep = (shallow, middle) if send(middle) == 400 else (middle, deep)
    return [send(depth) for depth in range(max(1, shallow - 12), deep + 12)]


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}], ids=["no key", "key"])
def test_no_depth_of_nesting_makes_the_service_fail(api: Api, key: dict[str, str]) -> None:
    headers = {"Content-Type": "application/json", **key}

    def send(depth: int) -> int:
        body = b'{"x":' + b"[" * depth + b"]" * depth + b"}"
        return api.gateway.send("POST", BOOKS, headers=headers, body=body, caller=ANN).status

    assert set(_depths(api, send)) <= {400, 422}


def sized(octets: int) -> bytes:
    """Return a book in ``octets`` bytes, padded with blanks."""
    book = json_bytes(EMMA)
    return book + b" " * (octets - len(book))


def test_a_body_of_64_kib_is_accepted(api: Api) -> None:
    assert post(api, sized(LIMIT)).status == 201


def test_a_larger_body_returns_413(api: Api) -> None:
    assert post(api, sized(LIMIT + 1)).status == 413


def test_a_larger_patch_returns_413(api: Api) -> None:
    assert patch(api, api.added(), sized(LIMIT + 1), MERGE_PATCH).status == 413


def test_the_limit_is_in_bytes_not_characters(api: Api) -> None:
    assert post(api, json_bytes({**EMMA, "title": "📚" * 16_400})).status == 413


def test_an_oversized_body_is_not_parsed(api: Api) -> None:
    assert post(api, b"[" * (LIMIT + 1)).status == 413


@pytest.mark.parametrize("encoded", [True, False])
def test_a_body_may_be_encoded_in_base64(api: Api, encoded: bool) -> None:
    event = event_of(BOOKS, "POST", BOOKS, {"Content-Type": "application/json"}, caller=ANN)
    body = json_bytes({**EMMA, "title": "東京"})
    event["body"] = b64encode(body).decode() if encoded else body.decode()
    event["isBase64Encoded"] = encoded

    assert api.gateway.apps[0](event, None)["statusCode"] == 201


def test_text_is_returned_in_utf_8(api: Api) -> None:
    book_id = api.added(title="Ὀδύσσεια 📚")

    assert '"title":"Ὀδύσσεια 📚"' in api.get(book_id).text
