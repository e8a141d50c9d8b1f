"""Both services on one store, and a client of theirs."""

import importlib.util
import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from chalice.app import Chalice

from core.bootstrap import projection
from core.ports.read_model import Aside
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import ANN, Caller, Gateway, Headers, HttpResponse

APPS = Path(__file__).parents[2] / "apps"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}

_numbers = count(1)


def load_app(service: str) -> Chalice:
    """Return a new app of ``service``, in a module of its own name: both files are ``app.py``."""
    file = APPS / service / "app.py"
    spec = importlib.util.spec_from_file_location(f"app_{service}_{next(_numbers)}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app = module.app
    assert isinstance(app, Chalice)
    return app


def json_bytes(value: object) -> bytes:
    """Return ``value`` as JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Api:
    """The API as a client sees it, and the projector, which runs on request."""

    gateway: Gateway

    def add(
        self, book: object = EMMA, headers: Headers | None = None, caller: Caller = ANN
    ) -> HttpResponse:
        """POST a book."""
        given = {**JSON, **(headers or {})}
        return self.gateway.send("POST", BOOKS, headers=given, body=json_bytes(book), caller=caller)

    def revise(
        self, book_id: str, patch: object, headers: Headers | None = None, caller: Caller = ANN
    ) -> HttpResponse:
        """PATCH a book."""
        target, given = f"{BOOKS}/{book_id}", {**MERGE_PATCH, **(headers or {})}
        return self.gateway.send(
            "PATCH", target, headers=given, body=json_bytes(patch), caller=caller
        )

    def remove(
        self, book_id: str, headers: Headers | None = None, caller: Caller = ANN
    ) -> HttpResponse:
        """DELETE a book."""
        return self.gateway.send("DELETE", f"{BOOKS}/{book_id}", headers=headers, caller=caller)

    def get(
        self, path: str = "", headers: Headers | None = None, caller: Caller | None = None
    ) -> HttpResponse:
        """GET ``path`` under /v1/catalog/books, without a token unless there is a caller."""
        target = BOOKS + (f"/{path}" if path and not path.startswith("?") else path)
        return self.gateway.send("GET", target, headers=headers, caller=caller)

    def added(self, **fields: Any) -> str:
        """Add a book, project it, and return its id."""
        response = self.add({**EMMA, **fields})
        assert response.status == 201, response.text
        self.project()
        return str(response.json["id"])

    def history(self, book_id: str, query: str = "") -> HttpResponse:
        """GET a book's history, as an auditor."""
        return self.get(f"{book_id}/history{query}", caller=ANN)

    def project(self) -> None:
        """Project every event of the log."""
        projection.follow_log(_fail)

    def titles(self, query: str = "") -> list[str]:
        """Return the titles of one page of a listing."""
        response = self.get(query)
        assert response.status == 200, response.text
        return [item["title"] for item in response.json["items"]]


def _fail(aside: Aside, error: Exception) -> None:
    raise AssertionError(aside) from error
