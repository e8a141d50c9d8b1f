"""Functions are killed, and the stream repeats, reorders and gives up records.

A function is killed as Lambda may lose an environment: its container gets SIGKILL. The emulator
itself invokes a killed projector again with the same batch, and gives the batch up when it is too
old. AWS would halve it before; ``test_stack.py`` says what else is missing.
"""

import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from core.adapters.memory.read_model import MemoryReadModel
from core.application.log import rebuild
from core.domain.manifest import BOOKS
from core.ports.catalogue import Catalogue
from core.ports.events import Envelope
from core.ports.views import View
from tests.e2e.stack.clients import Clients
from tests.e2e.stack.deployed import Stack
from tests.e2e.stack.mapping import mapping_disabled, maximum_record_age
from tests.e2e.stack.tables import Record, Tables, tables_of
from tests.support.books import envelope
from tests.support.container_engine import docker
from tests.support.example import BOOKS as COLLECTION
from tests.support.example import EMMAS_ISBN, FILTERED
from tests.support.sample import every_listing
from tests.support.waiting import until
from tests.support.walking import items, walk

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

CLIENTS = 3
KILLS = 4
COMMANDS_BETWEEN_KILLS = 4
BATCH = 80  # records: fewer than the event source mapping puts into a batch
MAX_AGE_SECONDS = 1


@pytest.fixture(scope="module")
def tables(stack: Stack) -> Tables:
    return tables_of(stack)


@pytest.fixture(scope="module")
def functions(stack: Stack) -> dict[str, str]:
    names: dict[str, str] = stack.deployment.output("functions")
    return names


def test_records_that_come_repeated_and_reordered_leave_what_a_rebuild_builds(
    stack: Stack, tables: Tables, functions: dict[str, str]
) -> None:
    with mapping_disabled(stack):
        for number in range(6):
            add_revise_and_remove(stack, number)
        doubled = 2 * list(tables.records())
        random.Random(12).shuffle(doubled)
        for batch in batches(doubled):
            assert invoke(stack, functions["projector"], batch) == {"batchItemFailures": []}
        assert content(tables, tables.read_model.live()) == content(tables, rebuilt(tables))
    # The event source mapping sends them all once more, and the record of this book after them.
    assert stack.seen(stack.add(title="Last"), 1).status_code == 200
    assert content(tables, tables.read_model.live()) == content(tables, rebuilt(tables))


def add_revise_and_remove(stack: Stack, number: int) -> None:
    """Give a book some events, and one of them a claim too; remove every third book."""
    isbn = {"isbn": EMMAS_ISBN} if number == 0 else {}
    path = f"{COLLECTION}/{stack.add(title=f'Book {number}', **FILTERED, **isbn)}"
    writer = stack.identity.authorization("books:write")
    for title in ("Second", "Third"):
        revised = stack.http.patch(path, json={"title": f"{title} {number}"}, headers=writer)
        assert revised.status_code == 200, revised.text
    if number % 3 == 0:
        assert stack.http.delete(path, headers=writer).status_code == 200


def batches(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Cut records anywhere into batches."""
    cuts = random.Random(12).sample(range(1, len(records)), 3 + len(records) // 50)
    for start, end in pairwise(sorted({0, *cuts, len(records)})):
        yield records[start:end]


def invoke(stack: Stack, function: str, records: Sequence[Record]) -> Any:
    payload = json.dumps({"Records": records}).encode()
    response = stack.client("lambda").invoke(FunctionName=function, Payload=payload)
    assert "FunctionError" not in response
    return json.load(response["Payload"])


def content(tables: Tables, catalogue: Catalogue[Any]) -> tuple[Any, ...]:
    """Return all that a client can see of a catalogue, and its tombstones."""
    streams = sorted({logged.stream for _, logged in tables.event_store.read_all()})
    known = {stream: catalogue.get(stream) for stream in streams}
    views = [projected for projected in known.values() if isinstance(projected, View)]
    listings = every_listing(BOOKS.listing, views)
    return known, [items(walk(catalogue, listing, 100)) for listing in listings]


def rebuilt(tables: Tables) -> Catalogue[Any]:
    fresh = MemoryReadModel(BOOKS.listing)
    rebuild(fresh, tables.event_store, BOOKS, lambda *_: None, lambda _: None)
    return fresh.live()


def test_commands_repeated_while_their_function_is_killed_are_carried_out_exactly_once(
    stack: Stack, tables: Tables, functions: dict[str, str]
) -> None:
    clients, enough = Clients(stack, f"clients of {uuid4()}"), Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(work, clients, client, enough) for client in range(CLIENTS)]
        try:
            for _ in range(KILLS):
                await_commands(clients)
                kill_at_work(clients, stack, functions["command"])
        finally:
            enough.set()
    titles = [title for each in working for title in each.result()]
    assert clients.failed

    responses = [accepted.response.json() for accepted in clients.accepted]
    acknowledged = [(response["id"], response["version"]) for response in responses]
    assert len(acknowledged) == 2 * len(titles)
    stored = [
        (logged.stream, logged.version)
        for _, logged in tables.event_store.read_all()
        if isinstance(logged, Envelope) and logged.actor == clients.subject
    ]
    assert sorted(stored) == sorted(acknowledged)

    for command, first in clients.accepted:
        repeated = clients.send(command)
        assert repeated.headers["Idempotent-Replayed"] == "true"
        assert (repeated.status_code, repeated.json()) == (first.status_code, first.json())
        assert repeated.headers["ETag"] == first.headers["ETag"]
    seen = [stack.seen(book, 2).json()["title"] for book, version in acknowledged if version == 2]
    assert sorted(seen) == sorted(f"{title}, revised" for title in titles)


def work(clients: Clients, client: int, enough: Event) -> list[str]:
    """Add and revise books until it is enough; return their first titles.

    However fast the machine is, there are requests to cut as long as there are kills to come.
    """
    titles: list[str] = []
    while not enough.is_set():
        titles.append(f"Book {len(titles)} of {client}")
        clients.add_and_revise(titles[-1])
    return titles


def await_commands(clients: Clients) -> None:
    """Return once some more commands were accepted."""
    more = len(clients.accepted) + COMMANDS_BETWEEN_KILLS
    until(lambda: len(clients.accepted), lambda count: count >= more)


def kill_at_work(clients: Clients, stack: Stack, function: str) -> None:
    """Kill the function while every client waits for a response from it."""
    containers = stack.emulator.containers_of(function)
    docker(stack.emulator.engine, "pause", *containers)
    until(lambda: len(clients.in_flight), lambda count: count == CLIENTS)
    kill(stack, containers)


def kill(stack: Stack, containers: Sequence[str]) -> None:
    """Kill those of ``containers`` that the emulator has not ended itself meanwhile."""
    running = docker(stack.emulator.engine, "ps", "--quiet").split()
    for container in containers:
        if container in running:
            with suppress(AssertionError):  # ended between the two commands
                docker(stack.emulator.engine, "kill", container)


def test_a_batch_whose_projector_is_killed_comes_again_until_all_of_it_is_projected(
    stack: Stack, tables: Tables, functions: dict[str, str]
) -> None:
    with mapping_disabled(stack):
        projector = warm(stack, functions["projector"])
        books = write_one_batch(tables)
    kill_in_the_middle_of(books, stack, tables, projector)
    until(lambda: count_shown(tables, books), lambda count: count == BATCH)


def test_the_records_of_a_batch_that_was_given_up_are_projected_by_a_redrive(
    stack: Stack, tables: Tables, functions: dict[str, str]
) -> None:
    queue = dead_letter_queue(stack)
    with maximum_record_age(stack, MAX_AGE_SECONDS):
        with mapping_disabled(stack):
            projector = warm(stack, functions["projector"])
            books, written = write_one_batch(tables), time.time()
            until(time.time, lambda now: now > written + MAX_AGE_SECONDS)
        kill_in_the_middle_of(books, stack, tables, projector)
        until(lambda: count_messages(stack, queue), bool)
    assert count_shown(tables, books) < BATCH

    output = stack.deployment.make(
        "redrive",
        f"QUEUE_URL={queue}",
        "STORE=dynamodb",
        f"EVENTS_TABLE={tables.events}",
        f"CATALOGUE_TABLE={tables.catalogue}",
    )
    assert f"Messages redriven: 1, records handled: {BATCH}." in output
    assert count_shown(tables, books) == BATCH
    assert count_messages(stack, queue) == 0


def warm(stack: Stack, function: str) -> Sequence[str]:
    """Return the containers of a function, of which there is at least one."""
    assert invoke(stack, function, []) == {"batchItemFailures": []}
    return stack.emulator.containers_of(function)


def write_one_batch(tables: Tables) -> list[str]:
    """Write the first event of some books, as the command function does; return their ids."""
    books = [str(uuid4()) for _ in range(BATCH)]
    for book in books:
        tables.event_store.append(book, 0, [envelope(book, 1)])
    return books


def kill_in_the_middle_of(
    books: Sequence[str], stack: Stack, tables: Tables, projector: Sequence[str]
) -> None:
    """Kill the projector when the first of ``books`` is shown, and the last is not yet."""
    catalogue = tables.read_model.live()
    until(lambda: catalogue.get(books[0]), lambda view: view is not None)
    docker(stack.emulator.engine, "pause", *projector)
    last = catalogue.get(books[-1])
    kill(stack, projector)
    assert last is None


def count_shown(tables: Tables, books: Sequence[str]) -> int:
    catalogue = tables.read_model.live()
    return sum(catalogue.get(book) is not None for book in books)


def dead_letter_queue(stack: Stack) -> str:
    # Only the queue's name counts: the address in the output need not be the emulator's.
    name = stack.deployment.output("dead_letter_queue_url").rpartition("/")[2]
    return str(stack.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def count_messages(stack: Stack, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)
    return sum(int(attributes["Attributes"][name]) for name in names)
