"""Where the programs of ``make run`` listen on this machine, as the environment says."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HOST: Final = "127.0.0.1"
IDENTITY_PORT: Final = 8002
DYNAMODB_PORT: Final = 8003
GATEWAY_PORT: Final = 8004

COMMAND_HEALTH: Final = "/v1/catalog/health/command"
QUERY_HEALTH: Final = "/v1/catalog/health/query"


class CannotRun(Exception):
    """Something prevents the programs from running; the message names the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a program listens: ``variable`` sets its port, a GET of ``health`` returns 200."""

    variable: str
    port: int
    health: str

    @property
    def url(self) -> str:
        """The program's URL, without a path."""
        return f"http://{HOST}:{self.port}"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All programs that are reached over HTTP."""

    command: Endpoint
    query: Endpoint
    identity: Endpoint
    gateway: Endpoint

    def by_name(self) -> dict[str, Endpoint]:
        """Return each endpoint by its program's name."""
        return {
            "command": self.command,
            "query": self.query,
            "identity": self.identity,
            "gateway": self.gateway,
        }


def read_endpoints(environment: Mapping[str, str]) -> Endpoints:
    """Return the endpoints on the ports that ``environment`` sets, or the defaults.

    Raise CannotRun unless they are all different.
    """

    def endpoint(variable: str, default: int, health: str) -> Endpoint:
        return Endpoint(variable, read_port(environment, variable, default), health)

    endpoints = Endpoints(
        endpoint("COMMAND_PORT", 8000, COMMAND_HEALTH),
        endpoint("QUERY_PORT", 8001, QUERY_HEALTH),
        endpoint("IDENTITY_PORT", IDENTITY_PORT, "/.well-known/openid-configuration"),
        endpoint("GATEWAY_PORT", GATEWAY_PORT, "/explorer.json"),
    )
    found = endpoints.by_name().values()
    if len({endpoint.port for endpoint in found}) < len(found):
        *others, last = (endpoint.variable for endpoint in found)
        raise CannotRun(f"{', '.join(others)} and {last} must be different ports.")
    return endpoints


def read_port(environment: Mapping[str, str], variable: str, default: int) -> int:
    """Return the port that ``variable`` sets, or the default. Raise CannotRun."""
    text = environment.get(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"{variable} must be a port, 1 to 65535, not {text!r}.")
    return int(text)


def check_free(endpoints: Endpoints) -> None:
    """Raise CannotRun, which names every port that cannot be listened on."""
    problems = [
        f"Port {endpoint.port}, for {name}, cannot be used: {reason}. Stop the program that uses "
        f"it, or choose another port: make run {endpoint.variable}=..."
        for name, endpoint in endpoints.by_name().items()
        if (reason := _bind_error(endpoint.port))
    ]
    if problems:
        raise CannotRun("\n".join(problems))


def _bind_error(port: int) -> str | None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT does not count
        try:
            listener.bind((HOST, port))
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return None
