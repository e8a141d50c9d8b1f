"""Files of a page, in the encoding that a client takes."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Request, Response
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.http.app import ServiceApp
from core.adapters.http.assets import Asset, asset_response, read_asset
from tests.support.gateway import event_of

TEXT = b"a { color: red }" * 50
PACKED = Asset(gzip.compress(TEXT), gzipped=True, content_type="text/css; charset=utf-8")
PLAIN = PACKED._replace(content=TEXT, gzipped=False)

codings = st.sampled_from(["gzip", "br", "deflate", "identity", "*", "", "GZIP"])
weights = st.sampled_from(["", ";q=0", "; q=0.000", ";q=0.1", ";q=1", ";q=1.0"])
accepted = st.lists(st.builds("".join, st.tuples(codings, weights)), max_size=4).map(", ".join)


def sent(asset: Asset, accept_encoding: str | None = None, **headers: str) -> dict[str, Any]:
    """Return what Lambda gets of the response."""
    given = headers if accept_encoding is None else {**headers, "Accept-Encoding": accept_encoding}
    request = Request(event_of("/a", "GET", "/a", given), None)
    return asset_response(request, asset).to_dict(["application/octet-stream"])


def octets(result: dict[str, Any]) -> bytes:
    assert result["isBase64Encoded"]
    return b64decode(result["body"])


@given(accepted)
def test_whatever_a_client_takes_it_gets_the_file(accept_encoding: str) -> None:
    result = sent(PACKED, accept_encoding)

    packed = result["headers"].get("Content-Encoding") == "gzip"
    assert (gzip.decompress(octets(result)) if packed else octets(result)) == TEXT


@pytest.mark.parametrize(
    "accept_encoding", ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP; q=0.2", "*", "br, *"]
)
def test_a_client_that_takes_gzip_gets_the_file_as_it_is_stored(accept_encoding: str) -> None:
    result = sent(PACKED, accept_encoding)

    assert result["headers"]["Content-Encoding"] == "gzip"
    assert octets(result) == PACKED.content


@pytest.mark.parametrize(
    "accept_encoding", [None, "", "br", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "identity"]
)
def test_another_client_gets_it_decompressed(accept_encoding: str | None) -> None:
    result = sent(PACKED, accept_encoding)

    assert "Content-Encoding" not in result["headers"]
    assert octets(result) == TEXT


def test_a_file_that_is_not_stored_compressed_is_not_sent_so() -> None:
    result = sent(PLAIN, "gzip")

    assert "Content-Encoding" not in result["headers"]
    assert octets(result) == TEXT


def test_each_encoding_has_its_own_entity_tag_and_caches_are_told() -> None:
    packed, plain = sent(PACKED, "gzip"), sent(PACKED)

    assert packed["headers"]["ETag"] != plain["headers"]["ETag"]
    assert {result["headers"]["Vary"] for result in (packed, plain)} == {"Accept-Encoding"}


@pytest.mark.parametrize("accept_encoding", ["gzip", "identity"])
def test_a_client_that_has_the_file_gets_304(accept_encoding: str) -> None:
    etag = sent(PACKED, accept_encoding)["headers"]["ETag"]

    again = sent(PACKED, accept_encoding, **{"If-None-Match": etag})

    assert (again["statusCode"], again["body"], again["headers"]["ETag"]) == (304, "", etag)


@pytest.mark.parametrize("accept", [None, "*/*", "text/css", "application/json"])
def test_bytes_are_sent_whatever_the_client_accepts(accept: str | None) -> None:
    app = ServiceApp(app_name="files")

    @app.route("/a")
    def get() -> Response:
        assert app.current_request
        return asset_response(app.current_request, PACKED)

    headers = {"Accept-Encoding": "gzip", **({"Accept": accept} if accept else {})}

    result = app(json.loads(json.dumps(event_of("/a", "GET", "/a", headers))), None)

    assert (result["statusCode"], octets(dict(result))) == (200, PACKED.content)


def test_a_file_is_read_compressed_where_it_is_stored_so(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_bytes(TEXT)
    (tmp_path / "b.css.gz").write_bytes(PACKED.content)

    assert read_asset(tmp_path / "a.css") == PLAIN
    assert read_asset(tmp_path / "b.css") == PACKED
