"""The clients' access tokens."""

import time
from dataclasses import dataclass, field
from typing import Final

from apps.local.token import NoToken, fetch_token

_SCOPES: Final = "books:write books:audit"
_KEPT_SECONDS: Final = 600.0


@dataclass
class Tokens:
    """Access tokens of an identity provider, fetched again before they expire."""

    issuer: str
    _kept: dict[str, tuple[float, str]] = field(default_factory=dict)

    def __call__(self, subject: str, /) -> str:
        """Return a token of ``subject`` with all scopes.

        Raise NoToken while the provider does not respond, unless there is an earlier token.
        """
        fetched, token = self._kept.get(subject, (0.0, ""))
        if token and time.monotonic() - fetched < _KEPT_SECONDS:
            return token
        try:
            token = fetch_token(self.issuer, _SCOPES, client_id=subject)
        except NoToken:
            if not token:
                raise
            return token  # it expires after an hour
        self._kept[subject] = (time.monotonic(), token)
        return token
