"""The signing keys of the development identity provider, readable for their owner only."""

import json
import os
import secrets
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

KEY_FILE = Path(__file__).resolve().parents[2] / ".local" / "identity-key.json"


def new_keys() -> KeySet:
    """Return a new RSA key for RS256 and a new P-256 key for ES256, each with a random key id."""
    rsa: KeyParameters = {"kid": secrets.token_urlsafe(8), "alg": "RS256", "use": "sig"}
    ec: KeyParameters = {"kid": secrets.token_urlsafe(8), "alg": "ES256", "use": "sig"}
    return KeySet([RSAKey.generate_key(2048, rsa), ECKey.generate_key("P-256", ec)])


def kept_keys(path: Path) -> KeySet:
    """Return the private keys in the file ``path``, which is created if needed.

    Only its owner can read the file. Raise ValueError when it holds something else.
    """
    if not path.exists():
        _write(path, json.dumps(new_keys().as_dict(private=True)))
    path.chmod(0o600)
    try:
        keys = KeySet.import_key_set(json.loads(path.read_text("utf-8")))
    except (JoseError, ValueError, KeyError, TypeError):
        keys = KeySet([])
    if {key.get("alg") for key in keys.keys} != {"RS256", "ES256"}:
        raise ValueError(f"{path} does not hold the keys: delete it, and new ones are created")
    return keys


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all, and never readable for others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
