"""The deployed stack, as a client of the API and an operator of the account see it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from core.config import PROJECT_NAME
from tests.e2e.stack.deployment import ACCOUNT, REPOSITORY, Deployment
from tests.e2e.stack.emulator import Emulator
from tests.support.example import BOOKS, EMMA
from tests.support.identity import Identity

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Stack:
    """What was deployed, where to, the issuer of its tokens, and a client of its API.

    ``calls`` are those of ``make deploy`` to AWS, as the emulator compared them with policies.
    """

    deployment: Deployment
    emulator: Emulator
    identity: Identity
    http: httpx.Client
    calls: list[dict[str, Any]]

    def job(self, name: str) -> Deployment:
        """Return the deployment as a job on GitHub, in the environment of this name, has it."""
        return self.deployment.by(self.credentials_of(name))

    def credentials_of(self, name: str) -> dict[str, str]:
        """Return the credentials of a job in the environment of this name, or of a pull request."""
        context = "pull_request" if name == "pull-request" else f"environment:{name}"
        role = f"arn:aws:iam::{ACCOUNT}:role/github-{PROJECT_NAME}-{name}"
        return self.emulator.assume(role, f"repo:{REPOSITORY}:{context}")

    def client(self, service: str) -> Any:
        """Return a boto3 client of one of the emulator's services, with all permissions."""
        return self.emulator.client(service)

    def add(self, **fields: Any) -> str:
        """Add a book and return its id."""
        writer = self.identity.authorization("books:write")
        response = self.http.post(BOOKS, json={**EMMA, **fields}, headers=writer)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def revise(self, book_id: str, if_match: int, **fields: Any) -> None:
        """Change fields of a book whose version is ``if_match``."""
        writer = self.identity.authorization("books:write")
        headers = {**writer, "If-Match": f'"{if_match}"'}
        response = self.http.patch(f"{BOOKS}/{book_id}", json=fields, headers=headers)
        assert response.status_code == 200, response.text

    def remove(self, book_id: str) -> None:
        """Remove a book."""
        writer = self.identity.authorization("books:write")
        response = self.http.delete(f"{BOOKS}/{book_id}", headers=writer)
        assert response.status_code == 200, response.text

    def seen(self, book_id: str, version: int) -> httpx.Response:
        """Return the query service's response for a book, once its version is visible."""
        response: httpx.Response = awaited(
            lambda: self.http.get(f"{BOOKS}/{book_id}", params={"min_version": version}),
            lambda response: response.status_code != 503,
        )
        return response


def awaited(ask: Callable[[], Any], is_there: Callable[[Any], object]) -> Any:
    """Return the first response that ``is_there`` accepts, or the last one when time is up."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not is_there(response := ask()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return response
