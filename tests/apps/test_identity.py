"""The development identity provider: its documents, token endpoint, key file and commands."""

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from apps.local.identity import Provider, identity_server
from apps.local.identity_keys import kept_keys, new_keys
from apps.local.token import NoToken, fetch_token
from chalice_terraform.runtime.issuer_keys import fetch_document
from core.config import PROJECT_NAME
from tests.support.identity import Identity, running_identity
from tests.support.serving import served

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GRANT = "grant_type=client_credentials"


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with running_identity() as running:
        yield running


def post(
    identity: Identity, body: str, headers: dict[str, str] | None = None, path: str = "/token"
) -> tuple[int, dict[str, str], dict[str, Any]]:
    connection = HTTPConnection("127.0.0.1", int(identity.issuer.rpartition(":")[2]), timeout=10)
    try:
        connection.request("POST", path, body, {**FORM, **(headers or {})})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), json.loads(response.read())
    finally:
        connection.close()


def basic(user: str, password: str = "secret") -> dict[str, str]:
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


def read(identity: Identity, token: str) -> jwt.Token:
    published = json.loads(fetch_document(f"{identity.issuer}/.well-known/jwks.json"))
    return jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"])


def test_a_client_gets_an_access_token_as_rfc_9068_specifies(identity: Identity) -> None:
    client = "client_id=app&client_secret=x&audience=api"
    body = f"{GRANT}&scope=books:write+books:audit&{client}"

    status, headers, response = post(identity, body)
    token = read(identity, response["access_token"])

    assert status == 200
    assert headers["Cache-Control"] == "no-store"
    assert response["token_type"] == "Bearer"
    assert response["scope"] == "books:write books:audit"
    assert token.header["typ"] == "at+jwt"
    claims = token.claims
    assert claims["exp"] - claims["iat"] == response["expires_in"] == 3600
    assert isinstance(claims.pop("jti"), str)
    assert {name: claims[name] for name in set(claims) - {"exp", "iat"}} == {
        "iss": identity.issuer,
        "sub": "app",
        "client_id": "app",
        "aud": "api",
        "scope": "books:write books:audit",
    }


def test_a_request_without_audience_and_scope_gets_the_default_audience_and_no_scope(
    identity: Identity,
) -> None:
    _, _, response = post(identity, GRANT, basic("app%3Aone"))
    claims = read(identity, response["access_token"]).claims

    assert claims["sub"] == "app:one"
    assert claims["aud"] == PROJECT_NAME
    assert "scope" not in claims
    assert "scope" not in response


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        ("client_id=a", {}, 400, "invalid_request"),
        ("grant_type=&client_id=a", {}, 400, "invalid_request"),
        ("grant_type=password&client_id=a", {}, 400, "unsupported_grant_type"),
        (GRANT, {}, 401, "invalid_client"),
        (GRANT, {"Authorization": "Basic ???"}, 401, "invalid_client"),
        (GRANT, {"Authorization": "Bearer x"}, 401, "invalid_client"),
        (GRANT, basic(""), 401, "invalid_client"),
        (f"{GRANT}&client_id=a&client_secret=b", basic("a"), 400, "invalid_request"),
        (f"{GRANT}&client_id=a&scope=a++b", {}, 400, "invalid_scope"),
        (f"{GRANT}&client_id=a&scope=%22", {}, 400, "invalid_scope"),
        (f"{GRANT}&client_id=a&scope=a&scope=b", {}, 400, "invalid_request"),
        (
            f"{GRANT}&client_id=a&" + "&".join(f"p{n}=1" for n in range(60)),
            {},
            400,
            "invalid_request",
        ),
        (f"{GRANT}&client_id=a", {"Content-Type": "application/json"}, 400, "invalid_request"),
        (f"{GRANT}&client_id={'a' * 20_000}", {}, 400, "invalid_request"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_token_request_gets_the_error_of_rfc_6749(
    identity: Identity, body: str, headers: dict[str, str], status: int, error: str
) -> None:
    actual, response_headers, response = post(identity, body, headers)

    assert (actual, response["error"]) == (status, error)
    assert response["error_description"]
    assert ("WWW-Authenticate" in response_headers) == (status == 401)


def test_other_paths_are_not_found(identity: Identity) -> None:
    assert post(identity, "", path="/other")[0] == 404


def test_no_private_part_of_a_key_is_published(identity: Identity) -> None:
    published = json.loads(fetch_document(f"{identity.issuer}/.well-known/jwks.json"))

    assert {frozenset(key) for key in published["keys"]} == {
        frozenset({"kty", "kid", "alg", "use", "n", "e"}),
        frozenset({"kty", "kid", "alg", "use", "crv", "x", "y"}),
    }


def test_keys_are_readable_by_their_owner_only_and_used_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "identity-key.json"

    first = kept_keys(path).as_dict(private=True)
    path.chmod(0o644)
    again = kept_keys(path).as_dict(private=True)

    assert first == again
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["identity-key.json"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kty": "RSA"}]}'])
def test_a_key_file_without_keys_raises_an_error_with_the_remedy(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "identity-key.json"
    path.write_text(content)

    with pytest.raises(ValueError, match="delete it"):
        kept_keys(path)


def test_a_name_that_was_rebound_to_this_machine_gets_no_token(identity: Identity) -> None:
    status, _, response = post(identity, f"{GRANT}&client_id=app", {"Host": "rebound.test:8002"})

    assert (status, list(response)) == (421, ["message"])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_the_provider_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        identity_server(0, lambda url: Provider(url, new_keys(), "x"), host=host)


def test_a_token_of_a_provider_elsewhere_is_asked_for_through_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = json.dumps({"token_endpoint": "https://issuer.test/token"}).encode()
    monkeypatch.setattr("apps.local.token.fetch_document", lambda _: endpoint)
    asked: list[bytes] = []

    def refuse(request: bytes) -> bytes:
        asked.append(request.partition(b" HTTP/")[0])
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"

    with served(refuse) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(NoToken, match="no response"):
            fetch_token("https://issuer.test", "")

    assert asked == [b"CONNECT issuer.test:443"]


def run(module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-m", f"apps.local.{module}", *arguments],
        cwd=root,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_token_command_prints_the_token_and_nothing_else(identity: Identity) -> None:
    done = run("token", "--scope", "books:write", JWT_ISSUER=identity.issuer)

    assert (done.returncode, done.stderr) == (0, "")
    assert read(identity, done.stdout.strip()).claims["scope"] == "books:write"
    assert done.stdout.count("\n") == 1


def test_the_token_command_reads_the_scope_from_the_environment(identity: Identity) -> None:
    done = run("token", JWT_ISSUER=identity.issuer, SCOPE="books:audit")

    assert read(identity, done.stdout.strip()).claims["scope"] == "books:audit"


def test_the_token_command_names_the_remedy_when_no_provider_runs() -> None:
    done = run("token", JWT_ISSUER="http://127.0.0.1:9")

    assert (done.returncode, done.stdout) == (1, "")
    assert "make run" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_refusal_is_reported_with_its_reason(identity: Identity) -> None:
    with pytest.raises(NoToken, match="invalid_scope"):
        fetch_token(identity.issuer, '"')


def test_a_port_in_use_is_reported_at_once(identity: Identity, tmp_path: Path) -> None:
    port = identity.issuer.rpartition(":")[2]

    done = run("identity", "--key-file", str(tmp_path / "k.json"), IDENTITY_PORT=port)

    assert done.returncode == 1
    assert f"cannot start on 127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1
