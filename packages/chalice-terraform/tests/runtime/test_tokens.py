"""Which tokens ``TokenVerifier`` accepts and which it refuses."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalice_terraform.runtime.claims import InvalidToken
from harness.environment import with_sources
from harness.forged_tokens import forged, issue, signed, stranger_to
from harness.issuer import Issuer
from harness.issuer_scene import AUDIENCE, ISSUER, KEYS, NOW, Scene, refusal

FORGED = forged(
    Issuer(ISSUER, KEYS, AUDIENCE, clock=lambda: NOW),
    stranger_to(Issuer(ISSUER, KEYS, AUDIENCE, clock=lambda: NOW)),
)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_is_valid_and_returns_its_claims(
    scene: Scene, algorithm: str
) -> None:
    token = issue(replace(scene.issuer, algorithm=algorithm))

    claims = scene.verifier.verify(token)

    assert claims["sub"] == "tester"
    assert claims["scope"] == "orders:write"


@pytest.mark.parametrize("wrong", FORGED)
def test_a_forged_token_is_refused_with_its_reason(scene: Scene, wrong: str) -> None:
    token, reason = FORGED[wrong]

    assert refusal(scene, token) == reason


@pytest.mark.parametrize("wrong", FORGED)
def test_no_url_from_a_token_is_ever_fetched(scene: Scene, wrong: str) -> None:
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
def test_a_token_that_api_gateway_accepts_or_within_the_leeway_is_valid(
    scene: Scene, claims: dict[str, Any]
) -> None:
    assert scene.verifier.verify(issue(scene.issuer, **claims))["iss"] == ISSUER


def test_headers_that_are_not_critical_are_ignored(scene: Scene) -> None:
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


@given(st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("latin-1"))))
def test_any_text_sent_as_a_token_raises_invalid_token_only(token: str) -> None:
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
def test_whatever_the_issuer_signs_is_valid_or_raises_invalid_token_only(
    header: dict[str, Any], claims: dict[str, Any]
) -> None:
    key = KEYS.keys[1]
    token = signed({**header, "alg": "ES256", "kid": key.kid}, claims, key)

    try:
        verified = Scene().verifier.verify(token)
    except InvalidToken:
        return
    assert verified["iss"] == ISSUER
    assert (
        verified["aud"] == AUDIENCE
        or AUDIENCE in verified["aud"]
        or verified["client_id"] == AUDIENCE
    )
    assert math.isfinite(verified["exp"])
    assert verified["exp"] > NOW - 10


def test_importing_the_package_loads_no_cryptography_and_no_http_client() -> None:
    loads = (
        "import sys, chalice_terraform.runtime.tokens, chalice_terraform.runtime.enforcement;"
        "print({'joserfc', 'cryptography', 'urllib.request'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", loads],
        env=with_sources(),
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.strip() == "set()"
