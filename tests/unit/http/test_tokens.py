"""What TokenVerifier lets in and what it does not, and how it treats its issuer."""

import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.local.identity import Provider
from apps.local.identity_keys import new_keys
from core.adapters.http.identity.claims import InvalidToken
from core.adapters.http.identity.issuer_keys import IdentityUnavailable, fetch_document
from core.adapters.http.identity.tokens import TokenVerifier
from tests.apps.forged_tokens import forged, issue, packed_bytes, signed, stranger_to
from tests.apps.identity_fixture import running_identity

ROOT = Path(__file__).parents[3]
NOW = 1_700_000_000.0
ISSUER = "https://issuer.test"
AUDIENCE = "books-cqrs"
KEYS = new_keys()
FORGED = forged(
    Provider(ISSUER, KEYS, AUDIENCE, clock=lambda: NOW),
    stranger_to(Provider(ISSUER, KEYS, AUDIENCE, clock=lambda: NOW)),
)


@dataclass
class Scene:
    """An issuer whose documents are read without a network, a clock, and a verifier of it."""

    now: float = NOW
    down: bool = False
    fetched: list[str] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)  # instead of the issuer's own

    def __post_init__(self) -> None:
        self.issuer = Provider(ISSUER, KEYS, AUDIENCE, clock=lambda: self.now)
        self.verifier = TokenVerifier(
            ISSUER, [AUDIENCE], fetch=self.fetch, clock=lambda: self.now, leeway_seconds=10
        )

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if self.down:
            raise IdentityUnavailable("down")
        own = {
            f"{ISSUER}/.well-known/openid-configuration": self.issuer.discovery(),
            f"{ISSUER}/.well-known/jwks.json": self.issuer.key_set(),
        }
        document = {**own, **self.documents}[url]
        return document if isinstance(document, bytes) else json.dumps(document).encode()

    def fetches(self) -> int:
        return len(self.fetched)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def refusal(scene: Scene, token: str) -> str:
    with pytest.raises(InvalidToken) as refused:
        scene.verifier.verify(token)
    return refused.value.reason


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_holds_and_gives_its_claims(scene: Scene, algorithm: str) -> None:
    token = issue(replace(scene.issuer, algorithm=algorithm))

    claims = scene.verifier.verify(token)

    assert claims["sub"] == "tester"
    assert claims["scope"] == "books:write"


@pytest.mark.parametrize("wrong", FORGED)
def test_a_forged_token_is_refused_for_its_reason(scene: Scene, wrong: str) -> None:
    token, reason = FORGED[wrong]

    assert refusal(scene, token) == reason


@pytest.mark.parametrize("wrong", FORGED)
def test_no_address_out_of_a_token_is_ever_fetched(scene: Scene, wrong: str) -> None:
    refusal(scene, FORGED[wrong][0])

    assert all(url.startswith(f"{ISSUER}/") for url in scene.fetched)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["other-api", AUDIENCE]},
        {"aud": None, "client_id": AUDIENCE},
        {"exp": NOW - 9},
        {"exp": NOW + 0.5},
        {"nbf": NOW + 9},
        {"iat": NOW + 9},
        {"iat": None, "jti": None},
    ],
    ids=str,
)
def test_a_token_that_api_gateway_takes_or_that_is_within_the_leeway_holds(
    scene: Scene, claims: dict[str, Any]
) -> None:
    assert scene.verifier.verify(issue(scene.issuer, **claims))["iss"] == ISSUER


def test_headers_that_need_no_understanding_are_ignored(scene: Scene) -> None:
    key = KEYS.keys[0]
    header = {
        "alg": "RS256",
        "kid": key.kid,
        "typ": "JWT",
        "x": {"y": [1]},
        "jku": "https://x.test",
    }
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 60}

    assert scene.verifier.verify(signed(header, claims, key)) == claims


def test_discovery_and_keys_are_fetched_once_for_many_tokens(scene: Scene) -> None:
    for _ in range(5):
        scene.verifier.verify(issue(scene.issuer))

    assert scene.fetched == [
        f"{ISSUER}/.well-known/openid-configuration",
        f"{ISSUER}/.well-known/jwks.json",
    ]


def test_keys_are_fetched_anew_after_an_hour(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.now += 3600
    scene.verifier.verify(issue(scene.issuer))

    assert scene.fetches() == 4


def test_a_key_that_is_no_longer_published_stops_holding_within_an_hour(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    leaked = issue(scene.issuer, exp=NOW + 100_000)
    scene.issuer.keys = new_keys()
    scene.now += 3600

    assert refusal(scene, leaked) == "no key of the issuer has this key id"


def test_a_key_rotation_refreshes_the_keys_once(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.issuer.keys = new_keys()
    scene.now += 10
    before = scene.fetches()

    for _ in range(3):
        scene.verifier.verify(issue(scene.issuer))

    assert scene.fetches() - before == 1


def test_a_flood_of_unknown_key_ids_costs_the_issuer_one_fetch_in_ten_seconds(
    scene: Scene,
) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.now += 10
    before = scene.fetches()

    for number in range(200):
        scene.now += 0.1
        with pytest.raises(InvalidToken):
            scene.verifier.verify(signed({"alg": "RS256", "kid": f"k{number}"}, {}, KEYS.keys[0]))

    assert scene.fetches() - before == 2


def test_known_keys_hold_during_a_flood_and_while_the_issuer_is_away(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.down = True
    scene.now += 10
    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(signed({"alg": "RS256", "kid": "unknown"}, {}, KEYS.keys[0]))

    assert scene.verifier.verify(issue(scene.issuer))["sub"] == "tester"


def test_threads_that_meet_the_same_new_key_fetch_it_once(scene: Scene) -> None:
    token, barrier = issue(scene.issuer), threading.Barrier(8)

    def verify(_: int) -> str:
        barrier.wait()
        return str(scene.verifier.verify(token)["sub"])

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(verify, range(8))) == {"tester"}
    assert scene.fetches() == 2


def test_without_the_issuer_no_token_is_judged_and_nobody_gets_in(scene: Scene) -> None:
    scene.down = True

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))


def test_an_issuer_that_is_away_is_left_alone_for_a_second_and_then_asked_again(
    scene: Scene,
) -> None:
    scene.down = True
    for _ in range(5):
        with pytest.raises(IdentityUnavailable):
            scene.verifier.verify(issue(scene.issuer))
    asked = scene.fetches()
    scene.down = False
    scene.now += 1

    assert scene.verifier.verify(issue(scene.issuer))["sub"] == "tester"
    assert asked == 1


def test_old_keys_do_not_hold_when_the_issuer_is_away_after_an_hour(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.down = True
    scene.now += 3600

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))


def test_a_clock_that_is_set_back_does_not_stop_a_refresh(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.now -= 86_400
    scene.issuer.keys = new_keys()

    assert scene.verifier.verify(issue(scene.issuer))["sub"] == "tester"


def test_after_a_failure_discovery_says_where_the_keys_are_now(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.issuer.keys = new_keys()
    scene.documents[f"{ISSUER}/.well-known/jwks.json"] = b"moved"
    scene.documents[f"{ISSUER}/.well-known/openid-configuration"] = {
        "issuer": ISSUER,
        "jwks_uri": "https://keys.test/new",
    }
    scene.documents["https://keys.test/new"] = scene.issuer.key_set()
    scene.now += 10
    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))
    scene.now += 1

    assert scene.verifier.verify(issue(scene.issuer))["sub"] == "tester"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.test", "jwks_uri": f"{ISSUER}/.well-known/jwks.json"},
        {"issuer": ISSUER + "/", "jwks_uri": f"{ISSUER}/.well-known/jwks.json"},
        {"jwks_uri": f"{ISSUER}/.well-known/jwks.json"},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": "http://issuer.test/jwks"},
        {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"},
        {"issuer": ISSUER, "jwks_uri": "http://["},
        {"issuer": ISSUER, "jwks_uri": 7},
        [],
        b"<html>",
        b"[" * 100_000,
        b"\xff",
    ],
    ids=lambda document: repr(document)[:60],
)
def test_a_discovery_document_that_does_not_suit_the_issuer_makes_it_unavailable(
    scene: Scene, discovery: Any
) -> None:
    scene.documents[f"{ISSUER}/.well-known/openid-configuration"] = discovery

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))
    assert scene.fetches() == 1


def test_an_issuer_that_hangs_delays_one_request_and_not_each(scene: Scene) -> None:
    def hang(url: str) -> bytes:
        scene.fetched.append(url)
        scene.now += 6
        raise IdentityUnavailable("timed out")

    verifier = TokenVerifier(ISSUER, [AUDIENCE], fetch=hang, clock=lambda: scene.now)
    token = issue(scene.issuer)
    for _ in range(3):
        with pytest.raises(IdentityUnavailable):
            verifier.verify(token)

    assert scene.fetches() == 1


RSA = KEYS.keys[0].as_dict(private=False)
# 1,024 bits
WEAK = {"kty": "RSA", "e": "AQAB", "n": packed_bytes(b"\xc1" + b"\x55" * 127)}


@pytest.mark.filterwarnings("ignore:Key size should be")  # joserfc, on the weak key
@pytest.mark.parametrize(
    "entry",
    [
        {**RSA, "use": "enc"},
        {**RSA, "alg": "RS512"},
        {**RSA, "kty": "oct", "k": "c2VjcmV0"},
        {**RSA, "kty": ["RSA"]},
        {**RSA, "kid": None},
        {**RSA, "n": "AQAB"},
        {**RSA, "n": 5},
        {**WEAK, "kid": RSA["kid"]},
        {**RSA, "e": ""},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": RSA["kid"]},
        {"kty": "EC", "kid": RSA["kid"]},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": RSA["kid"]},
        "key",
        None,
    ],
)
def test_an_entry_that_is_no_signing_key_of_ours_is_passed_over(scene: Scene, entry: Any) -> None:
    ec = KEYS.keys[1].as_dict(private=False)
    scene.documents[f"{ISSUER}/.well-known/jwks.json"] = {"keys": [entry, ec]}

    assert refusal(scene, issue(scene.issuer)) == "no key of the issuer has this key id"
    assert scene.verifier.verify(issue(replace(scene.issuer, algorithm="ES256")))


@pytest.mark.parametrize("keys", [[], {}, None, [{"kty": "oct", "k": "AAAA", "kid": "k"}]], ids=str)
def test_an_issuer_without_usable_keys_is_unavailable(scene: Scene, keys: Any) -> None:
    scene.documents[f"{ISSUER}/.well-known/jwks.json"] = {"keys": keys}

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))


@pytest.mark.parametrize(
    "issuer",
    [
        "http://issuer.test",
        "http://127.0.0.1@issuer.test",
        "http://localhost.issuer.test",
        "http://10.0.0.1",
        "http://[",
        "https://",
        "ftp://issuer.test",
        "issuer",
        "${var.jwt_issuer}",
        "",
    ],
)
def test_an_issuer_that_is_not_https_and_not_local_is_a_mistake_said_at_once(issuer: str) -> None:
    with pytest.raises(ValueError, match=r"https|Invalid"):
        TokenVerifier(issuer, [AUDIENCE], fetch=lambda url: b"", clock=lambda: NOW)


@pytest.mark.parametrize(
    "issuer",
    ["https://issuer.test/path/", "http://127.0.0.1:8002", "http://localhost:1", "http://[::1]:9"],
)
def test_https_and_loopback_issuers_are_fine(issuer: str) -> None:
    TokenVerifier(issuer, [AUDIENCE], fetch=lambda url: b"", clock=lambda: NOW)


@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))))
def test_whatever_is_sent_as_a_token_is_refused_in_an_orderly_way(token: str) -> None:
    refusal(Scene(), token)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
HEADERS = st.dictionaries(
    st.sampled_from(["typ", "cty", "jwk", "jku", "x5c", "x5u", "x5t", "zip", "enc", "url", "a"]),
    JSON,
)
CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "scope", "scp", "client_id"]),
    JSON | st.sampled_from([ISSUER, AUDIENCE, NOW + 60]),
)


@settings(max_examples=200, deadline=None)
@given(HEADERS, CLAIMS)
def test_whatever_the_issuer_signs_holds_or_is_refused_in_an_orderly_way(
    header: dict[str, Any], claims: dict[str, Any]
) -> None:
    key = KEYS.keys[1]
    token = signed({**header, "alg": "ES256", "kid": key.kid}, claims, key)

    try:
        held = Scene().verifier.verify(token)
    except InvalidToken:
        return
    assert held["iss"] == ISSUER
    assert held["aud"] == AUDIENCE or AUDIENCE in held["aud"] or held["client_id"] == AUDIENCE
    assert math.isfinite(held["exp"])
    assert held["exp"] > NOW - 10


def test_an_application_behind_api_gateway_never_loads_the_cryptography() -> None:
    loads = (
        "import sys, core.adapters.http.identity.tokens, core.adapters.http.identity.middleware;"
        "print({'joserfc', 'cryptography', 'urllib.request'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", loads], check=True, capture_output=True, text=True, cwd=ROOT
    )

    assert done.stdout.strip() == "set()"


class Answers(BaseHTTPRequestHandler):
    """Answers by the path: what an issuer should not say."""

    def do_GET(self) -> None:
        body = b" " * (1 << 20) + b"{}" if self.path == "/large" else b"{}"
        status = {"/redirect": 302, "/missing": 404, "/broken": 500}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", "/fine")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched(site: str) -> None:
    assert fetch_document(f"{site}/fine") == b"{}"


@pytest.mark.parametrize("path", ["redirect", "missing", "broken", "large"])
def test_an_answer_that_is_no_document_makes_the_issuer_unavailable(site: str, path: str) -> None:
    with pytest.raises(IdentityUnavailable):
        fetch_document(f"{site}/{path}")


@pytest.mark.parametrize("url", ["file:///etc/hostname", "http://192.0.2.1/", "http://[", "x"])
def test_only_https_and_this_machine_are_asked(url: str) -> None:
    with pytest.raises(IdentityUnavailable, match=r"https|Invalid"):
        fetch_document(url)


def test_over_http_the_keys_are_found_and_a_rotation_is_followed() -> None:
    now = [NOW]
    with running_identity() as identity:
        identity.provider.clock = lambda: now[0]
        verifier = TokenVerifier(
            identity.issuer, [AUDIENCE], fetch=fetch_document, clock=lambda: now[0]
        )
        old = identity.token()
        assert verifier.verify(old)["sub"] == "tester"
        identity.rotate_keys()
        now[0] += 10
        assert verifier.verify(identity.token())["sub"] == "tester"
        with pytest.raises(InvalidToken):
            verifier.verify(old)
    now[0] += 3600
    with pytest.raises(IdentityUnavailable, match="no response"):
        verifier.verify(old)
