"""Clients that send a command again and again until it is accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from tests.e2e.stack.deployed import Stack
from tests.support.example import BOOKS, EMMA
from tests.support.waiting import until


class Command(NamedTuple):
    """A request with an idempotency key of its own, the same each time that it is sent."""

    method: str
    path: str
    body: Mapping[str, Any]
    key: str


class Accepted(NamedTuple):
    """A command, and the first response that accepted it."""

    command: Command
    response: httpx.Response


@dataclass
class Clients:
    """Clients of a stack, with one subject for all of them, whose requests may fail.

    ``failed`` has the statuses of the requests that did, and ``in_flight`` the idempotency keys of
    those that wait for a response.
    """

    stack: Stack
    subject: str
    accepted: list[Accepted] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    in_flight: set[str] = field(default_factory=set)

    def add_and_revise(self, title: str) -> None:
        """Add a book, and give it another title."""
        added = self._until_accepted("POST", BOOKS, {**EMMA, "title": title})
        path = f"{BOOKS}/{added.json()['id']}"
        self._until_accepted("PATCH", path, {"title": f"{title}, revised"})

    def send(self, command: Command) -> httpx.Response:
        """Send a command once."""
        token = self.stack.identity.token("books:write", self.subject)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": command.key}
        http = self.stack.http
        return http.request(command.method, command.path, json=command.body, headers=headers)

    def _until_accepted(self, method: str, path: str, body: Mapping[str, Any]) -> httpx.Response:
        command = Command(method, path, body, str(uuid4()))
        response = until(lambda: self._counted(command), lambda got: got.status_code < 500)
        assert response.status_code in {200, 201}, response.text
        self.accepted.append(Accepted(command, response))
        return response

    def _counted(self, command: Command) -> httpx.Response:
        self.in_flight.add(command.key)
        response = self.send(command)
        self.in_flight.remove(command.key)
        if response.status_code >= 500:
            self.failed.append(response.status_code)
        return response
