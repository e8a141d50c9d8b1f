"""``make run``: both services behind a gateway, projector and identity provider, until Ctrl-C.

``python -m apps.local.run`` reads COMMAND_PORT (8000), QUERY_PORT (8001), IDENTITY_PORT (8002),
GATEWAY_PORT (8004) and, with STORE=dynamodb, DYNAMODB_PORT (8003), and passes the environment on to
what it starts (core/config.py). It reports every problem at once before anything starts, and prints
what to try as soon as all programs respond.
"""

import http.client
import os
import shlex
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TextIO

from apps.local.dynamodb import running_dynamodb
from apps.local.dynamodb_engine import CannotStart
from apps.local.endpoints import (
    DYNAMODB_PORT,
    HOST,
    IDENTITY_PORT,
    CannotRun,
    Endpoint,
    Endpoints,
    check_free,
    read_endpoints,
    read_port,
)
from apps.local.example import EXAMPLE_BODY
from apps.local.processes import Event, Line, Program, Show, run_together
from core.application.requests import Actor, keyed_stream
from core.config import ConfigurationError, Settings, Store, read_settings
from core.domain.manifest import BOOKS

ROOT: Final = Path(__file__).resolve().parents[2]
REMINDER_SECONDS: Final = 15.0

_ON_DYNAMODB: Final = (
    "Events and views are at {0}; make rebuild STORE=dynamodb DYNAMODB_ENDPOINT={0}"
)
_COLOURS: Final = ("36", "33", "35", "32", "34")  # ANSI: cyan, yellow, magenta, green, blue


@dataclass(frozen=True, slots=True)
class Run:
    """What the environment says about a run, checked; ``environment`` is for the programs."""

    endpoints: Endpoints
    dynamodb_port: int
    settings: Settings
    environment: Mapping[str, str]


def read_run(environment: Mapping[str, str]) -> Run:
    """Return the run that ``environment`` describes. Raise CannotRun."""
    endpoints = read_endpoints(environment)
    services = services_environment(environment, endpoints)
    dynamodb_port = read_port(environment, "DYNAMODB_PORT", DYNAMODB_PORT)
    return Run(endpoints, dynamodb_port, services_settings(services), services)


def services_environment(environment: Mapping[str, str], endpoints: Endpoints) -> dict[str, str]:
    """Return ``environment`` with the issuer at its port, and with absolute paths."""
    changed = {
        "IDENTITY_PORT": str(endpoints.identity.port),
        "JWT_ISSUER": endpoints.identity.url,
        "DEVELOPMENT_TOKEN_URL": f"{endpoints.gateway.url}/token",
        # It warns that every request is let through; core/adapters/http checks the tokens instead.
        "PYTHONWARNINGS": "ignore::UserWarning:chalice.local",
        "PYTHONUNBUFFERED": "1",  # a line is shown when it is written
    }
    if path := environment.get("SQLITE_PATH"):
        changed["SQLITE_PATH"] = str(Path(path).absolute())
    return {**environment, **changed}


def services_settings(environment: Mapping[str, str]) -> Settings:
    """Return the services' settings, checked before they start. Raise CannotRun."""
    try:
        settings = read_settings(environment)
    except ConfigurationError as error:
        raise CannotRun(f"{error}.") from error
    if settings.store is Store.MEMORY:
        raise CannotRun("STORE=memory is for tests: no service could see another's books.")
    return settings


def programs(endpoints: Endpoints) -> list[Program]:
    """Return what is run."""

    def program(name: str, module: str, *arguments: str) -> Program:
        return Program(name, [sys.executable, "-m", module, *arguments], ROOT)

    def service(name: str, endpoint: Endpoint) -> Program:
        return program(name, "apps.local.service", name, "--port", str(endpoint.port))

    return [
        program("identity", "apps.local.identity"),
        service("command", endpoints.command),
        service("query", endpoints.query),
        program("projector", "apps.local.projector"),
        program("gateway", "apps.local.gateway"),
    ]


def what_to_try(endpoints: Endpoints) -> str:
    """Return lines for another terminal: get a token, write a book with it, read the book.

    The key makes the book's id known in advance, and the second line safe to repeat.
    """
    key, issuer = f"my-first-{BOOKS.noun}", endpoints.identity.url
    url, book_id = endpoints.gateway.url, keyed_stream(Actor(issuer, "local"), key)
    elsewhere = "" if endpoints.identity.port == IDENTITY_PORT else f" JWT_ISSUER={issuer}"
    return f"""
Everything is up: open {url}/ in a browser. Ctrl-C stops it.
Or paste these lines into another terminal:

TOKEN=$(make -sC {shlex.quote(str(ROOT))} token SCOPE="books:write"{elsewhere})
curl -iw '\\n' {url}{BOOKS.collection} -H "Authorization: Bearer $TOKEN" \
-H "Content-Type: application/json" -H "Idempotency-Key: {key}" \
-d '{EXAMPLE_BODY}'
curl -iw '\\n' "{url}{BOOKS.collection}/{book_id}?min_version=1"
"""


def announce(endpoints: Endpoints, inbox: SimpleQueue[Event]) -> None:
    """Wait until all programs respond, then say what to try; name those that are slow."""
    waiting = endpoints.by_name()
    reminder = time.monotonic() + REMINDER_SECONDS
    while waiting := {name: at for name, at in waiting.items() if not _responds(at)}:
        if time.monotonic() > reminder:
            inbox.put(Line(None, f"Still waiting for a response from: {', '.join(waiting)}"))
            reminder += REMINDER_SECONDS
        time.sleep(0.1)
    inbox.put(Line(None, what_to_try(endpoints)))


def _responds(endpoint: Endpoint) -> bool:
    connection = http.client.HTTPConnection(HOST, endpoint.port, timeout=5)
    try:
        connection.request("GET", endpoint.health)
        response = connection.getresponse()
        response.read()  # a connection closed before would be an error in the program's log
        return response.status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def shown_on(out: TextIO, names: Sequence[str]) -> Show:
    """Return a function that writes lines to ``out`` after their program's name."""
    width = max(map(len, names))
    colours = dict(zip(names, cycle(_COLOURS), strict=False)) if out.isatty() else {}

    def show(name: str | None, text: str) -> None:
        prefix = "" if name is None else f"{name:<{width}} | "
        if colour := colours.get(name or ""):
            prefix = f"\033[{colour}m{prefix}\033[0m"
        print(prefix + text, file=out, flush=True)

    return show


def start(run: Run) -> bool:
    """Run all programs until a signal (True) or until one ends (False).

    Raise CannotStart.
    """
    if run.settings.store is not Store.DYNAMODB:
        return _start_services(run.endpoints, run.environment)
    with running_dynamodb(run.settings, run.environment, run.dynamodb_port) as environment:
        print(_ON_DYNAMODB.format(environment["DYNAMODB_ENDPOINT"]), flush=True)
        return _start_services(run.endpoints, environment)


def _start_services(endpoints: Endpoints, environment: Mapping[str, str]) -> bool:
    started = programs(endpoints)
    inbox: SimpleQueue[Event] = SimpleQueue()
    threading.Thread(target=announce, args=(endpoints, inbox), daemon=True).start()
    show = shown_on(sys.stdout, [program.name for program in started])
    return run_together(started, environment, inbox, show)


def main() -> None:
    """Exit with 0 after a signal, with 1 when a program ended or could not start."""
    try:
        run = read_run(os.environ)
        check_free(run.endpoints)
        stopped = start(run)
    except (CannotRun, CannotStart) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:  # while DynamoDB starts
        sys.exit(130)
    sys.exit(0 if stopped else 1)


if __name__ == "__main__":
    main()
