"""`make run`: both services, the projector and an identity provider on this machine, until Ctrl-C.

`python -m apps.local.run` reads COMMAND_PORT (8000), QUERY_PORT (8001) and IDENTITY_PORT (8002), and
hands the rest of the environment to what it starts (core/config.py). It says at once what stands in
the way, and what to try as soon as everything answers.
"""

import http.client
import os
import shlex
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from apps.local.dynamodb import running_dynamodb
from apps.local.dynamodb_engine import CannotStart
from apps.local.processes import Event, Line, Program, Show, run_together
from core.application.requests import Actor, keyed_stream
from core.config import ConfigurationError, Settings, Store, read_settings

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
_ON_DYNAMODB = "Events and views are at {0}; make rebuild STORE=dynamodb DYNAMODB_ENDPOINT={0}"
REMINDER = 15.0  # seconds after which it is said what does not answer yet

_COLOURS = ("36", "33", "35", "32")  # ANSI: cyan, yellow, magenta, green


class CannotRun(Exception):
    """Something stands in the way; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a program is reached: `variable` sets its port, `health` is a path that answers 200."""

    variable: str
    port: int
    health: str


@dataclass(frozen=True, slots=True)
class Doors:
    """All that is reached over HTTP."""

    command: Door
    query: Door
    identity: Door

    def all(self) -> dict[str, Door]:
        """Each by its program's name."""
        return {"command": self.command, "query": self.query, "identity": self.identity}


def read_doors(environment: Mapping[str, str]) -> Doors:
    """The ports that the environment names, or the defaults. Raises CannotRun."""
    doors = Doors(
        _door(environment, "COMMAND_PORT", 8000, "/v1/catalog/health/command"),
        _door(environment, "QUERY_PORT", 8001, "/v1/catalog/health/query"),
        _door(environment, "IDENTITY_PORT", 8002, "/.well-known/openid-configuration"),
    )
    if len({door.port for door in doors.all().values()}) < len(doors.all()):
        raise CannotRun("COMMAND_PORT, QUERY_PORT and IDENTITY_PORT must be three different ports.")
    return doors


def _door(environment: Mapping[str, str], variable: str, default: int, health: str) -> Door:
    text = environment.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"{variable} must be a port, 1 to 65535, not {text!r}.")
    return Door(variable, int(text), health)


def check_free(doors: Doors) -> None:
    """Raises CannotRun that names every port on which nothing can listen."""
    problems = [
        f"Port {door.port}, for {name}, cannot be used: {why}. Stop what has it, or name another "
        f"port: make run {door.variable}=..."
        for name, door in doors.all().items()
        if (why := _why_not(door.port))
    ]
    if problems:
        raise CannotRun("\n".join(problems))


def _why_not(port: int) -> str | None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT does not count
        try:
            listener.bind((HOST, port))
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return None


def check_settings(environment: Mapping[str, str]) -> Settings:
    """The services' settings, checked before they start. Raises CannotRun."""
    try:
        settings = read_settings(environment)
    except ConfigurationError as error:
        raise CannotRun(f"{error}.") from error
    if settings.store is Store.MEMORY:
        raise CannotRun("STORE=memory is for tests: the services could not see each other's books.")
    return settings


def services_environment(environment: Mapping[str, str], doors: Doors) -> dict[str, str]:
    """What the programs get: ours, with the issuer that follows its port, and paths made absolute."""
    changed = {
        "IDENTITY_PORT": str(doors.identity.port),
        "JWT_ISSUER": f"http://{HOST}:{doors.identity.port}",
        # It warns that every request is let through; core/adapters/http checks the tokens instead.
        "PYTHONWARNINGS": "ignore::UserWarning:chalice.local",
        "PYTHONUNBUFFERED": "1",  # a line is shown when it is written
    }
    if path := environment.get("SQLITE_PATH"):
        changed["SQLITE_PATH"] = str(Path(path).absolute())
    return {**environment, **changed}


def programs(doors: Doors) -> list[Program]:
    """What is run."""
    python, chalice = sys.executable, str(Path(sys.executable).with_name("chalice"))

    def chalice_local(name: str, door: Door) -> Program:
        command = [python, chalice, "local", "--port", str(door.port), "--no-autoreload"]
        return Program(name, command, ROOT / "apps" / name)

    return [
        Program("identity", [python, "-m", "apps.local.identity"], ROOT),
        chalice_local("command", doors.command),
        chalice_local("query", doors.query),
        Program("projector", [python, "-m", "apps.local.projector"], ROOT),
    ]


def what_to_try(doors: Doors, issuer: str) -> str:
    """Three lines for another terminal: a token, a book written with it, the book read without.

    The key makes the book's id known before it is there, and the second line safe to repeat.
    """
    key = "my-first-book"
    book_id = keyed_stream(Actor(issuer, "local"), key)
    elsewhere = "" if doors.identity.port == 8002 else f" JWT_ISSUER={issuer}"
    return f"""
Everything is up. Ctrl-C stops it. To try it, paste these lines into another terminal:

TOKEN=$(make -sC {shlex.quote(str(ROOT))} token SCOPE="books:write"{elsewhere})
curl -iw '\\n' http://{HOST}:{doors.command.port}/v1/catalog/books -H "Authorization: Bearer $TOKEN" \
-H "Content-Type: application/json" -H "Idempotency-Key: {key}" \
-d '{{"title": "A Pattern Language", "authors": ["Christopher Alexander"], "published": "1977"}}'
curl -iw '\\n' "http://{HOST}:{doors.query.port}/v1/catalog/books/{book_id}?min_version=1"
"""


def announce(doors: Doors, issuer: str, inbox: SimpleQueue[Event]) -> None:
    """Waits until everything answers, then says what to try; until then, what does not, at times."""
    waiting = doors.all()
    reminder = time.monotonic() + REMINDER
    while waiting := {name: door for name, door in waiting.items() if not _answers(door)}:
        if time.monotonic() > reminder:
            inbox.put(Line(None, f"Still waiting for an answer of: {', '.join(waiting)}"))
            reminder += REMINDER
        time.sleep(0.1)
    inbox.put(Line(None, what_to_try(doors, issuer)))


def _answers(door: Door) -> bool:
    connection = http.client.HTTPConnection(HOST, door.port, timeout=5)
    try:
        connection.request("GET", door.health)
        answer = connection.getresponse()
        answer.read()  # a connection closed before would be an error in the program's log
        return answer.status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def shown_on(out: TextIO, names: Sequence[str]) -> Show:
    """Writes lines to `out`, each behind its program's name, in colour on a terminal."""
    width = max(map(len, names))
    colours = dict(zip(names, cycle(_COLOURS), strict=False)) if out.isatty() else {}

    def show(name: str | None, text: str) -> None:
        prefix = "" if name is None else f"{name:<{width}} | "
        if colour := colours.get(name or ""):
            prefix = f"\033[{colour}m{prefix}\033[0m"
        print(prefix + text, file=out, flush=True)

    return show


def run(doors: Doors, settings: Settings, environment: Mapping[str, str]) -> bool:
    """Runs until a signal (True) or until a program ends (False)."""
    started = programs(doors)
    inbox: SimpleQueue[Event] = SimpleQueue()
    threading.Thread(target=announce, args=(doors, settings.jwt_issuer, inbox), daemon=True).start()
    show = shown_on(sys.stdout, [program.name for program in started])
    return run_together(started, environment, inbox, show)


def main() -> None:
    """Exits with 0 after a signal, with 1 when a program ended or something stands in the way."""
    try:
        doors = read_doors(os.environ)
        environment = services_environment(os.environ, doors)
        settings = check_settings(environment)
        check_free(doors)
        if settings.store is Store.DYNAMODB:
            port = _door(os.environ, "DYNAMODB_PORT", 8003, "/").port
            with running_dynamodb(settings, environment, port) as complete:
                print(_ON_DYNAMODB.format(complete["DYNAMODB_ENDPOINT"]), flush=True)
                stopped = run(doors, settings, complete)
        else:
            stopped = run(doors, settings, environment)
    except (CannotRun, CannotStart) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:  # while DynamoDB starts
        sys.exit(130)
    sys.exit(0 if stopped else 1)


if __name__ == "__main__":
    main()
