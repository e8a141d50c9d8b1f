"""An issuer without a network, a clock, and a verifier of the issuer's tokens."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalice_terraform.runtime.claims import IdentityUnavailable, InvalidToken
from chalice_terraform.runtime.tokens import TokenVerifier
from harness.issuer import Issuer, new_keys

NOW = 1_700_000_000.0
ISSUER = "https://issuer.test"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEY_SET = f"{ISSUER}/.well-known/jwks.json"
AUDIENCE = "orders-api"
KEYS = new_keys()


@dataclass
class Scene:
    """A test's issuer, clock and verifier, and the URLs that the verifier has fetched."""

    now: float = NOW
    down: bool = False
    fetched: list[str] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)  # replace the issuer's own

    def __post_init__(self) -> None:
        self.issuer = Issuer(ISSUER, KEYS, AUDIENCE, clock=lambda: self.now)
        self.verifier = TokenVerifier(
            ISSUER, [AUDIENCE], fetch=self.fetch, clock=lambda: self.now, leeway_seconds=10
        )

    def fetch(self, url: str) -> bytes:
        """Return the document at ``url``; raise ``IdentityUnavailable`` while it is down."""
        self.fetched.append(url)
        if self.down:
            raise IdentityUnavailable("down")
        documents = {
            DISCOVERY: self.issuer.discovery(),
            KEY_SET: self.issuer.key_set(),
            **self.documents,
        }
        document = documents[url]
        return document if isinstance(document, bytes) else json.dumps(document).encode()

    def fetches(self) -> int:
        """Return how many documents have been fetched."""
        return len(self.fetched)


def refusal(scene: Scene, token: str) -> str:
    """Return the reason for which the verifier refuses ``token``."""
    with pytest.raises(InvalidToken) as refused:
        scene.verifier.verify(token)
    return refused.value.reason
