"""How often an issuer's keys are fetched, which of them count, and what an unusable issuer does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalice_terraform.runtime.claims import IdentityUnavailable, InvalidToken
from chalice_terraform.runtime.tokens import TokenVerifier
from harness.forged_tokens import issue, packed_bytes, signed
from harness.issuer import new_keys
from harness.issuer_scene import (
    AUDIENCE,
    DISCOVERY,
    ISSUER,
    KEY_SET,
    KEYS,
    NOW,
    Scene,
    refusal,
)

NO_SUCH_KEY = "no key of the issuer has this key id"


def test_discovery_and_keys_are_fetched_once_for_many_tokens(scene: Scene) -> None:
    for _ in range(5):
        scene.verifier.verify(issue(scene.issuer))

    assert scene.fetched == [DISCOVERY, KEY_SET]


def test_keys_are_fetched_again_after_an_hour(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.now += 3600
    scene.verifier.verify(issue(scene.issuer))

    assert scene.fetches() == 4


def test_a_key_that_is_no_longer_published_is_refused_within_an_hour(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    leaked = issue(scene.issuer, exp=NOW + 100_000)
    scene.issuer.keys = new_keys()
    scene.now += 3600

    assert refusal(scene, leaked) == NO_SUCH_KEY


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


def test_known_keys_stay_valid_during_a_flood_and_while_the_issuer_is_down(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.down = True
    scene.now += 10
    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(signed({"alg": "RS256", "kid": "unknown"}, {}, KEYS.keys[0]))

    assert scene.verifier.verify(issue(scene.issuer))["sub"] == "tester"


def test_threads_that_need_the_same_new_key_fetch_it_once(scene: Scene) -> None:
    token, barrier = issue(scene.issuer), threading.Barrier(8)

    def verify(_: int) -> str:
        barrier.wait()
        return str(scene.verifier.verify(token)["sub"])

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(verify, range(8))) == {"tester"}
    assert scene.fetches() == 2


def test_no_token_is_accepted_while_the_keys_are_unavailable(scene: Scene) -> None:
    scene.down = True

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))


def test_an_issuer_that_is_down_is_asked_again_only_after_a_second(
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


def test_cached_keys_expire_after_an_hour_even_while_the_issuer_is_down(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.down = True
    scene.now += 3600

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))


def test_a_clock_that_is_set_back_does_not_prevent_a_refresh(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.now -= 86_400
    scene.issuer.keys = new_keys()

    assert scene.verifier.verify(issue(scene.issuer))["sub"] == "tester"


def test_a_failed_fetch_discovers_the_url_of_the_keys_again(scene: Scene) -> None:
    scene.verifier.verify(issue(scene.issuer))
    scene.issuer.keys = new_keys()
    scene.documents[KEY_SET] = b"moved"
    scene.documents[DISCOVERY] = {
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
        {"issuer": "https://evil.test", "jwks_uri": KEY_SET},
        {"issuer": ISSUER + "/", "jwks_uri": KEY_SET},
        {"jwks_uri": KEY_SET},
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
def test_a_discovery_document_that_does_not_match_the_issuer_makes_it_unavailable(
    scene: Scene, discovery: Any
) -> None:
    scene.documents[DISCOVERY] = discovery

    with pytest.raises(IdentityUnavailable):
        scene.verifier.verify(issue(scene.issuer))
    assert scene.fetches() == 1


def test_an_issuer_that_hangs_delays_only_one_request(scene: Scene) -> None:
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
WEAK = {"kty": "RSA", "e": "AQAB", "n": packed_bytes(b"\xc1" + b"\x55" * 127)}  # 1,024 bits


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
def test_an_entry_that_is_not_a_usable_signing_key_is_ignored(scene: Scene, entry: Any) -> None:
    ec = KEYS.keys[1].as_dict(private=False)
    scene.documents[KEY_SET] = {"keys": [entry, ec]}

    assert refusal(scene, issue(scene.issuer)) == NO_SUCH_KEY
    assert scene.verifier.verify(issue(replace(scene.issuer, algorithm="ES256")))


@pytest.mark.parametrize("keys", [[], {}, None, [{"kty": "oct", "k": "AAAA", "kid": "k"}]], ids=str)
def test_an_issuer_without_usable_keys_is_unavailable(scene: Scene, keys: Any) -> None:
    scene.documents[KEY_SET] = {"keys": keys}

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
def test_an_issuer_that_is_neither_https_nor_local_raises_value_error_at_once(issuer: str) -> None:
    with pytest.raises(ValueError, match=r"https|Invalid"):
        TokenVerifier(issuer, [AUDIENCE], fetch=lambda url: b"", clock=lambda: NOW)


@pytest.mark.parametrize(
    "issuer",
    ["https://issuer.test/path/", "http://127.0.0.1:8002", "http://localhost:1", "http://[::1]:9"],
)
def test_https_and_loopback_issuers_are_accepted(issuer: str) -> None:
    TokenVerifier(issuer, [AUDIENCE], fetch=lambda url: b"", clock=lambda: NOW)
