"""What a function does to a request besides DynamoDB's work: microseconds in this process.

The store is stubbed at the client, for all alike: each call returns at once what DynamoDB would,
already read. Ours writes its line of log, as in production, to nowhere; the peers write none.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from apps.local.credentials import ANY_CREDENTIALS
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.bootstrap import stores
from core.domain.manifest import BOOKS
from tests.benchmarks.functions import APPS, BOOK, ID, OURS, TITLES, check, events, fill
from tests.benchmarks.measuring import Data, take_turns
from tests.benchmarks.peers.books import Item, item_of
from tests.support.api import load_app
from tests.support.gateway import AUDIENCE, ISSUER

BATCH = 25
WARM_UP = 25
"""Calls at the start of a turn that are not measured: the caches have what another one ran."""
CONTEXT = SimpleNamespace(
    function_name="books",
    function_version="1",
    memory_limit_in_mb="128",
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:books",
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
)

Handler = Callable[[Any, Any], Any]


class Shelf:
    """DynamoDB behind the methods of a client: items that can be read once it was filled."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, ...], Item] = {}
        self._open = True

    def close(self) -> None:
        """Store nothing from here on, however much is written."""
        self._open = False

    def get_item(self, **request: Any) -> Item:
        item = self._items.get(_key(request["Key"]))
        return {} if item is None else {"Item": item}

    def batch_get_item(self, **request: Any) -> Item:
        found = {
            table: [
                item for key in wanted["Keys"] if (item := self._items.get(_key(key))) is not None
            ]
            for table, wanted in request["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def scan(self, **_: Any) -> Item:
        return {"Items": [], "Count": 0, "ScannedCount": 0}

    def put_item(self, **request: Any) -> Item:
        if self._open:
            self._items[_key(request["Item"])] = request["Item"]
        return {}

    def batch_write_item(self, **request: Any) -> Item:
        for operations in request["RequestItems"].values():
            for operation in operations:
                self.put_item(Item=operation["PutRequest"]["Item"])
        return {"UnprocessedItems": {}}

    def transact_write_items(self, **request: Any) -> Item:
        for operation in request["TransactItems"]:
            if "Put" in operation:
                self.put_item(**operation["Put"])
        return {}


def _key(attributes: Item) -> tuple[str, ...]:
    return tuple(attributes[name]["S"] for name in ("id", "pk", "sk") if name in attributes)


def measure(rounds: int = 40) -> Data:
    """Return microseconds for a request, with ``rounds`` batches of requests for each function."""
    settings = {
        **ANY_CREDENTIALS,
        "STORE": "dynamodb",
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "PEERS_TABLE": "peers",
        # Lambda sets it for each invocation, and a line of the log has it.
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
    }
    with patch.dict(os.environ, settings), _one_processor(), _silence():
        shelf = Shelf()
        shelf.put_item(Item=item_of(ID, BOOK))
        _use(shelf)
        peers = {title: _peer(peer, shelf) for peer, title in TITLES.items()}
        shelf.close()
        return {
            "microseconds": {
                kind: _take_turns({**peers, OURS: load_app(app)}, kind, rounds)
                for kind, app in APPS.items()
            }
        }


def _use(shelf: Any) -> None:
    """Let our apps use ``shelf``, which gets the book."""
    events_store = DynamoDbEventStore(shelf, "events", BOOKS.events, time.sleep)
    read_model = DynamoDbReadModel(shelf, "catalogue", BOOKS, time.sleep, time.monotonic)
    fill(read_model)
    vars(stores).update(event_store=lambda: events_store, read_model=lambda: read_model)


def _peer(peer: str, shelf: Shelf) -> Handler:
    """Return a peer's handler, whose client is ``shelf``."""
    handler: Handler = import_module(f"tests.benchmarks.peers.{peer}").handler
    if peer == "bare_signed":
        methods = {"GetItem": shelf.get_item, "PutItem": shelf.put_item}

        def call(action: str, request: Item) -> Item:
            return methods[action](**request)

        vars(import_module("tests.benchmarks.peers.signed_store"))["call"] = call
    else:
        vars(import_module("tests.benchmarks.peers.store"))["client"] = shelf
    return handler


def _take_turns(handlers: dict[str, Handler], kind: str, rounds: int) -> Any:
    sent = events(kind)

    def batch(name: str) -> Iterator[float]:
        handler, event = handlers[name], sent[name]
        for _ in range(WARM_UP):
            check(handler(event, CONTEXT), kind)
        for _ in range(BATCH):
            started = time.perf_counter()
            handler(event, CONTEXT)
            yield (time.perf_counter() - started) * 1e6

    return take_turns({name: partial(batch, name) for name in handlers}, rounds)


@contextmanager
def _one_processor() -> Iterator[None]:
    """Stay on one processor, as a function of up to 1,769 MB has no more than one.

    The threads of one peer would otherwise make every system call of all slower.
    """
    if sys.platform != "linux":
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@contextmanager
def _silence() -> Iterator[None]:
    """Send standard output to nowhere."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(nowhere)
        os.close(kept)
