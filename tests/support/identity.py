"""A real token issuer for tests: in this process, on a free port of loopback.

with running_identity() as identity:
    token = identity.token("books:write")
    ...                       # JWT_ISSUER=identity.issuer, JWT_AUDIENCE=identity.audience
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from apps.local.identity import Provider, identity_server
from apps.local.identity_keys import new_keys
from core.config import PROJECT_NAME
from tests.support.serving import serving

AUDIENCE = PROJECT_NAME


@dataclass(frozen=True)
class Identity:
    """A running issuer, as a test uses it."""

    provider: Provider

    @property
    def issuer(self) -> str:
        """Return its URL, as in ``iss``."""
        return self.provider.issuer

    @property
    def audience(self) -> str:
        """Return the audience of its tokens."""
        return self.provider.audience

    def token(self, scope: str | None = None, subject: str = "tester", /, **claims: Any) -> str:
        """Return a valid token; ``claims`` replace its claims, None omits one."""
        return self.provider.issue(subject, self.audience, **{"scope": scope, **claims})

    def authorization(self, scope: str | None = None, /, **claims: Any) -> dict[str, str]:
        """Return the header that carries such a token."""
        return {"Authorization": f"Bearer {self.token(scope, **claims)}"}


@contextmanager
def running_identity(audience: str = AUDIENCE) -> Iterator[Identity]:
    """Run an issuer that serves HTTP until the block ends."""
    keys = new_keys()
    server, provider = identity_server(0, lambda url: Provider(url, keys, audience))
    with serving(server):
        yield Identity(provider)
