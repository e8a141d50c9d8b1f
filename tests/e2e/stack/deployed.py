"""The deployed stack, as a client of the API and an operator of the account have it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.stack.deployment import Deployment
from tests.e2e.stack.emulator import Emulator
from tests.support.example import BOOKS, EMMA
from tests.support.identity import Identity

PATIENCE = 60.0  # seconds for what is not there yet


@dataclass(frozen=True)
class Stack:
    """What was deployed, where to, whose tokens it takes, and a client of its API."""

    deployment: Deployment
    emulator: Emulator
    identity: Identity
    http: httpx.Client

    def client(self, service: str) -> Any:
        """A boto3 client of one of the emulator's services, which may do everything."""
        return self.emulator.client(service)

    def add(self, **fields: Any) -> str:
        """Add a book and return its id."""
        writer = self.identity.authorization("books:write")
        answer = self.http.post(BOOKS, json={**EMMA, **fields}, headers=writer)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def seen(self, book_id: str, version: int) -> httpx.Response:
        """The query service's answer on a book, once its version is there."""
        answer: httpx.Response = awaited(
            lambda: self.http.get(f"{BOOKS}/{book_id}", params={"min_version": version}),
            lambda answer: answer.status_code != 503,
        )
        return answer


def awaited(ask: Callable[[], Any], is_there: Callable[[Any], object]) -> Any:
    """The answer, once it is the one that is waited for; in the end, whatever it is."""
    deadline = time.monotonic() + PATIENCE
    while not is_there(answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
