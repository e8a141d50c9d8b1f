"""A real token issuer for tests: in this process, on a free port of loopback, with key rotation.

with running_identity() as identity:
    token = identity.token("books:write")
    ...                       # JWT_ISSUER=identity.issuer, JWT_AUDIENCE=identity.audience
    identity.rotate_keys()    # tokens from before no longer hold
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from apps.local.identity import Provider, identity_server
from apps.local.identity_keys import new_keys

AUDIENCE = "books-cqrs"


@dataclass(frozen=True)
class Identity:
    """What a test does with the issuer."""

    provider: Provider

    @property
    def issuer(self) -> str:
        """Its URL, as in `iss`."""
        return self.provider.issuer

    @property
    def audience(self) -> str:
        """The audience of its tokens."""
        return self.provider.audience

    def token(self, scope: str | None = None, subject: str = "tester", /, **claims: Any) -> str:
        """A token that holds; `claims` replace its claims, None leaves one out."""
        return self.provider.issue(subject, self.audience, **{"scope": scope, **claims})

    def authorization(self, scope: str | None = None, /, **claims: Any) -> dict[str, str]:
        """The header that carries such a token."""
        return {"Authorization": f"Bearer {self.token(scope, **claims)}"}

    def rotate_keys(self) -> None:
        """New keys from now on; the old ones are no longer published."""
        self.provider.keys = new_keys()


@contextmanager
def running_identity(audience: str = AUDIENCE) -> Iterator[Identity]:
    """An issuer that answers over HTTP until the block ends."""
    keys = new_keys()
    server = identity_server(0, lambda url: Provider(url, keys, audience))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Identity(server.provider)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
