"""Documents fetched over HTTP: those of a server that misbehaves, and those of a running issuer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalice_terraform.runtime.claims import IdentityUnavailable, InvalidToken
from chalice_terraform.runtime.issuer_keys import fetch_document
from chalice_terraform.runtime.tokens import TokenVerifier
from harness.forged_tokens import issue
from harness.issuer import new_keys, running_issuer
from harness.issuer_scene import AUDIENCE, NOW


class Misbehaving(BaseHTTPRequestHandler):
    """Responds by path, in ways that an issuer should not."""

    def do_GET(self) -> None:
        body = b" " * (1 << 20) + b"{}" if self.path == "/large" else b"{}"
        status = {"/redirect": 302, "/missing": 404, "/broken": 500}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", "/fine")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Misbehaving)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched(site: str) -> None:
    assert fetch_document(f"{site}/fine") == b"{}"


@pytest.mark.parametrize("path", ["redirect", "missing", "broken", "large"])
def test_a_response_without_a_document_makes_the_issuer_unavailable(site: str, path: str) -> None:
    with pytest.raises(IdentityUnavailable):
        fetch_document(f"{site}/{path}")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://192.0.2.1/", "http://[", "x"])
def test_only_https_and_loopback_urls_are_fetched(url: str) -> None:
    with pytest.raises(IdentityUnavailable, match=r"https|Invalid"):
        fetch_document(url)


def test_keys_are_discovered_over_http_and_a_rotation_is_followed() -> None:
    now = [NOW]
    with running_issuer(AUDIENCE) as issuer:
        issuer.clock = lambda: now[0]
        verifier = TokenVerifier(
            issuer.issuer, [AUDIENCE], fetch=fetch_document, clock=lambda: now[0]
        )
        old = issue(issuer)
        assert verifier.verify(old)["sub"] == "tester"
        issuer.keys = new_keys()
        now[0] += 10
        assert verifier.verify(issue(issuer))["sub"] == "tester"
        with pytest.raises(InvalidToken):
            verifier.verify(old)
    now[0] += 3600
    with pytest.raises(IdentityUnavailable, match="no response"):
        verifier.verify(old)
