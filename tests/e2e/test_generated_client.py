"""A client that is generated from the OpenAPI document, at the services of ``make run``."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from apps.local.token import fetch_token
from tests.support.example import EMMA, FILTER, FILTERED
from tests.support.services import ROOT, RUNNER, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

PACKAGE = "generated_client"

Module = Callable[[str], ModuleType]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Module]:
    """Generate the client; return a function that imports a module of it."""
    config = tmp_path / "config.yml"
    config.write_text(json.dumps({"post_hooks": []}))  # ruff's, which nobody needs to see
    options = {
        "--meta": "none",
        "--path": str(ROOT / "docs" / "openapi.json"),
        "--config": str(config),
        "--output-path": str(tmp_path / PACKAGE),
    }
    generated = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *chain(*options.items()),
        ],
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert generated.returncode == 0, generated.stdout
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_books_are_added_revised_found_page_by_page_and_traced(
    module: Module, environment: dict[str, str]
) -> None:
    add, revise = module("api.command.add_book"), module("api.command.revise_book")
    get, listing = module("api.query.get_book"), module("api.query.list_books")
    history = module("api.query.get_book_history")
    models, clients = module("models"), module("client")
    with running(RUNNER, environment):
        issuer = f"http://127.0.0.1:{environment['IDENTITY_PORT']}"
        token = fetch_token(issuer, "books:write books:audit")
        client = clients.AuthenticatedClient(
            f"http://127.0.0.1:{environment['GATEWAY_PORT']}",
            token,
            raise_on_unexpected_status=True,
        )

        def added(title: str) -> Any:
            body = models.BookInput.from_dict({**EMMA, **FILTERED, "title": title})
            return add.sync_detailed(client=client, body=body, idempotency_key=title)

        first, again = added("Emma"), added("Emma")
        assert (first.status_code, first.parsed.version) == (201, 1)
        assert again.parsed == first.parsed
        assert again.headers["Idempotent-Replayed"] == "true"

        book = first.parsed.id
        patch = models.BookPatch(title="Emma Woodhouse")
        revised = revise.sync_detailed(book, client=client, body=patch, if_match='"1"')
        assert (revised.status_code, revised.headers["ETag"]) == (200, '"2"')
        stale = revise.sync_detailed(book, client=client, body=patch, if_match='"1"')
        assert (stale.status_code, stale.parsed.version) == (412, 2)

        view = get.sync(book, client=client, min_version=2)
        assert (view.title, view.version) == ("Emma Woodhouse", 2)

        for title in ("Persuasion", "Sanditon"):
            other = added(title).parsed
            get.sync(other.id, client=client, min_version=other.version)
        asked = {FILTER: "s & t", "limit": 2}
        pages = [listing.sync(client=client, **asked)]
        while pages[-1].next_:
            pages.append(listing.sync(client=client, **asked, cursor=pages[-1].next_))
        titles = [[item.title for item in page.items] for page in pages]
        assert titles == [["Emma Woodhouse", "Persuasion"], ["Sanditon"]]

        events = history.sync(book, client=client)
        assert [(event.version, event.type_) for event in events.items] == [
            (1, "BookAdded"),
            (2, "BookRevised"),
        ]
        then = history.sync(book, client=client, as_of=events.items[0].occurred_at)
        assert (then.title, then.version) == ("Emma", 1)
