"""An app of a user's under ``chalice local``, with tokens of an issuer beside it, over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.environment import with_sources
from harness.forged_tokens import issue, stranger_to
from harness.issuer import Issuer, running_issuer

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

APP = """
import os
from chalice import Response
from chalice_terraform.runtime import HTTPApp, JWTAuthorizer, enforce_jwt, list_claim

app = HTTPApp(app_name="orders")
enforce_jwt(app)
jwt = JWTAuthorizer("jwt", os.environ["ISSUER"], ["orders-api"])
stored = {}

@app.route("/")
def index():
    return {"public": True}

@app.route("/orders/{id}", methods=["GET"], authorizer=jwt)
def order(id):
    claims = app.current_request.context["authorizer"]["claims"]
    return {"id": id, "by": claims["sub"], "groups": list_claim(app.current_request, "groups")}

@app.route("/orders/{id}", methods=["PUT"], authorizer=jwt.with_scopes(["orders:write"]))
def put(id):
    stored[id] = app.current_request.json_body
    return Response("", {"Set-Cookie": ["a=1", "b=2"]}, 204)
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer("orders-api") as issuer:
        yield issuer


@pytest.fixture(scope="module")
def port(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("orders")
    (folder / ".chalice").mkdir()
    (folder / "app.py").write_text(APP)
    config = {
        "version": "2.0",
        "app_name": "orders",
        "environment_variables": {"ISSUER": issuer.issuer},
    }
    (folder / ".chalice" / "config.json").write_text(json.dumps(config))
    with socket.create_server(("127.0.0.1", 0)) as one:
        free = int(one.getsockname()[1])
    chalice = "import sys; from chalice.cli import main; sys.exit(main())"
    server = subprocess.Popen(
        [sys.executable, "-u", "-c", chalice, "local", "--port", str(free), "--no-autoreload"],
        cwd=folder,
        env=with_sources(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with server:
        try:
            assert server.stdout is not None
            lines: list[str] = []
            for line in server.stdout:
                lines.append(line)
                if line.startswith("Serving on"):
                    break
            else:
                pytest.fail("chalice local has not started:\n" + "".join(lines))
            yield free
        finally:
            server.terminate()


class Got(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: Any


def send(port: int, method: str, path: str, token: str = "", body: str = "") -> Got:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        found = response.read()
    return Got(response.status, response.getheaders(), json.loads(found) if found else None)


def test_a_public_route_needs_no_token(port: int) -> None:
    assert send(port, "GET", "/")[::2] == (200, {"public": True})


def test_a_token_of_the_issuer_opens_a_route(port: int, issuer: Issuer) -> None:
    token = issue(issuer, groups=["admins", "editors"])

    got = send(port, "GET", "/orders/7", token)

    assert got[::2] == (200, {"id": "7", "by": "tester", "groups": ["admins", "editors"]})


@pytest.mark.parametrize("kind", ["none", "garbage", "another issuer's", "expired"])
def test_no_other_token_does(port: int, issuer: Issuer, kind: str) -> None:
    tokens = {
        "none": "",
        "garbage": "garbage",
        "another issuer's": issue(stranger_to(issuer)),
        "expired": issue(issuer, exp=1),
    }

    got = send(port, "GET", "/orders/7", tokens[kind])

    assert got[::2] == (401, {"message": "Unauthorized"})
    assert dict(got.headers)["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("scope", "status"), [("orders:write", 204), ("orders:read", 403)])
def test_a_route_with_scopes_needs_one_of_them(
    port: int, issuer: Issuer, scope: str, status: int
) -> None:
    got = send(port, "PUT", "/orders/7", issue(issuer, scope=scope), "{}")

    assert got.status == status
    cookies = [value for name, value in got.headers if name == "Set-Cookie"]
    assert cookies == (["a=1", "b=2"] if status == 204 else [])
