"""``make smoke``: write, repeat, read, audit and remove an example by a running API, over HTTP.

URL is the API's, by default that of ``make run``. The token is TOKEN, or one that JWT_ISSUER gives
for CLIENT_ID and CLIENT_SECRET (and JWT_AUDIENCE, SCOPE) by the client credentials grant; on this
machine ``make run`` gives one to anybody. PUBLIC=1 checks only what needs no token. TIMES=10 does
all that ten times: while a rollout routes a share of the requests to new versions, once may miss
them.

The exit status is 0 if all was well, 1 if a check failed, and 2 if a setting is missing or wrong.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import urlsplit
from uuid import uuid4

from apps.local.endpoints import COMMAND_HEALTH, GATEWAY_PORT, HOST, QUERY_HEALTH
from apps.local.example import EXAMPLE_BODY
from apps.local.token import NoToken, fetch_token
from apps.smoke.api import sender
from apps.smoke.checks import Api, Failed, check_in_public, check_with_token
from chalice_terraform.runtime.issuer_keys import checked_url
from core.config import DEFAULT_ISSUER, PROJECT_NAME
from core.domain.manifest import BOOKS
from core.loopback import is_loopback

SCOPES: Final = "books:write books:audit"
MAX_TIMES: Final = 1000
NO_TOKEN: Final = (
    "no token for {url}: set TOKEN, or JWT_ISSUER, CLIENT_ID and CLIENT_SECRET of a client"
    f" that may ask for {SCOPES}; PUBLIC=1 checks only what needs no token."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the environment says, checked. ``client`` is an id and a secret."""

    url: str
    public: bool
    token: str | None
    issuer: str
    client: tuple[str, str]
    audience: str
    scope: str
    times: int


def read_options(environment: Mapping[str, str]) -> Options:
    """Return the options. Raises ``ValueError`` with one line that says what to set."""
    # A make variable that is not set is an empty environment variable.
    given = {name: value for name, value in environment.items() if value}
    url = checked_url(given.get("URL") or _url_here(given))
    client = (given.get("CLIENT_ID", ""), given.get("CLIENT_SECRET", ""))
    here = is_loopback(urlsplit(url).hostname)
    public = given.get("PUBLIC") == "1"
    if not (public or here or given.get("TOKEN") or all((*client, given.get("JWT_ISSUER")))):
        raise ValueError(NO_TOKEN.format(url=url))
    times = given.get("TIMES", "1")
    if not times.isascii() or not times.isdigit() or not 1 <= int(times) <= MAX_TIMES:
        raise ValueError(f"TIMES must be 1 to {MAX_TIMES}, not {times!r}.")
    return Options(
        url,
        public,
        given.get("TOKEN"),
        given.get("JWT_ISSUER", DEFAULT_ISSUER),
        (client[0] or "smoke", client[1]),
        given.get("JWT_AUDIENCE", PROJECT_NAME).split()[0],
        given.get("SCOPE", SCOPES),
        int(times),
    )


def checks(options: Options) -> Iterator[str]:
    """Check the API, and yield a line for each check that passed. Raises ``Failed``, ``NoToken``.

    The token is asked for before anything is sent to the API.
    """
    token = None if options.public else _token(options)
    health = (COMMAND_HEALTH, QUERY_HEALTH)
    api = Api(
        sender(options.url), BOOKS.collection, health, EXAMPLE_BODY, time.monotonic, time.sleep
    )
    for _ in range(options.times):
        yield from check_in_public(api)
        if token is not None:
            yield from check_with_token(api, token, f"smoke-{uuid4()}")


def main() -> None:
    """Check the API, and print a line for each check."""
    try:
        options = read_options(os.environ)
    except ValueError as error:
        _exit(2, f"smoke: {error}")
    try:
        for line in checks(options):
            print(line, flush=True)
    except (Failed, NoToken) as error:
        _exit(1, f"smoke: {error}")
    except KeyboardInterrupt:
        _exit(130, "\nsmoke: stopped; what it wrote was removed.")
    print(f"All is well: {options.url}")


def _url_here(environment: Mapping[str, str]) -> str:
    return f"http://{HOST}:{environment.get('GATEWAY_PORT', GATEWAY_PORT)}"


def _token(options: Options) -> str:
    client_id, secret = options.client
    return options.token or fetch_token(
        options.issuer,
        options.scope,
        audience=options.audience,
        client_id=client_id,
        client_secret=secret,
    )


def _exit(status: int, line: str) -> NoReturn:
    print(line, file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a stopped build cleans up
    main()
