"""Pseudonyms: keyed digests of actors, which nobody without the key can link to a subject."""

import hmac
import json
from typing import Final

from core.application.requests import Actor

_PREFIX: Final = "hmac:"
_HEX_DIGITS: Final = 32
"""128 bits: RFC 2104, section 5, asks for half of the digest at least."""


def pseudonym(key: bytes, actor: Actor) -> str:
    """Return the pseudonym of ``actor`` under a secret ``key``: the same for the same two.

    Subjects are unique within their issuer only (RFC 7519, 4.1.2), so it is of both.
    """
    text = json.dumps([actor.issuer, actor.subject]).encode()
    return f"{_PREFIX}{hmac.digest(key, text, 'sha256').hex()[:_HEX_DIGITS]}"
