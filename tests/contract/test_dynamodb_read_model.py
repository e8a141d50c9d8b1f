"""What the DynamoDB read model does beyond the contract: it caches, waits and resumes."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from core.adapters.dynamodb.client import DynamoDb, Response
from core.adapters.dynamodb.generations import CACHE_SECONDS
from core.adapters.dynamodb.items import MAX_PARTITION_KEY_BYTES
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.dynamodb.sweeping import delete_generations_before
from core.adapters.dynamodb.views import projected_attributes
from core.domain.details import BookDetails
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.read_model import Aside
from tests.support.books import books_by, view
from tests.support.dynamodb import client, database, fresh_catalogue_table
from tests.support.dynamodb_wire import Wire, cut_off, fresh_wire
from tests.support.racing import race
from tests.support.sample import put
from tests.support.walking import listed


class Time:
    """A stopwatch that is set by hand, and a sleep that only records its seconds."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def stopwatch(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def wire(carrier: str) -> Wire:
    return fresh_wire(carrier=carrier)


@pytest.fixture
def table() -> Iterator[str]:
    with fresh_catalogue_table() as name:
        yield name


@pytest.fixture
def model(wire: Wire, table: str, time: Time) -> DynamoDbReadModel[BookDetails]:
    return DynamoDbReadModel(wire.client, table, BOOKS, time.slept.append, time.stopwatch)


def generations(table: str) -> set[str]:
    """Return the generations of which the table has items."""
    found = client().scan(TableName=table)["Items"]
    return {item["pk"]["S"].partition("#")[0] for item in found} - {"read-model"}


def rebuilt(model: DynamoDbReadModel[BookDetails], *streams: str) -> None:
    put(model.begin_rebuild(), *(view(stream) for stream in streams))


# --- the cache ----------------------------------------------------------------------------------


def test_the_pointer_is_read_once_for_some_seconds(
    wire: Wire, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    live = model.live()
    assert wire.actions(lambda: live.get("emma")) == ["BatchGetItem"]
    time.now += CACHE_SECONDS - 0.1
    assert wire.actions(lambda: model.live().get("emma")) == ["GetItem"]
    time.now += 0.1
    assert wire.actions(lambda: model.live().get("emma")) == ["BatchGetItem"]


def test_a_view_is_found_where_the_pointer_says_when_that_has_moved(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    other = DynamoDbReadModel(wire.client, table, BOOKS, time.slept.append, time.stopwatch)
    live = other.live()
    assert wire.actions(lambda: live.get("persuasion")) == ["BatchGetItem", "GetItem"]
    time.now += CACHE_SECONDS
    assert wire.actions(lambda: live.get("persuasion")) == ["BatchGetItem"]
    assert live.get("persuasion") == view("persuasion")


def test_another_process_follows_a_switch_when_its_cache_expires(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    other = DynamoDbReadModel(wire.client, table, BOOKS, time.slept.append, time.stopwatch)
    put(model.live(), view("emma"))
    assert listed(other.live(), books_by()) == ["emma"]
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    time.now += CACHE_SECONDS
    assert listed(other.live(), books_by()) == ["persuasion"]


def test_the_targets_are_never_cached(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    other = DynamoDbReadModel(wire.client, table, BOOKS, time.slept.append, time.stopwatch)
    assert len(other.targets()) == 1
    model.begin_rebuild()
    assert len(other.targets()) == 2


# --- tables of earlier versions -------------------------------------------------------------------

OLD_VIEW = {
    "pk": {"S": "000001#book#emma"},
    "sk": {"S": "view"},
    "version": {"N": "1"},
    "doc": projected_attributes(view("emma"))["doc"],
}
OLD_ENTRY = {**OLD_VIEW, "sk": {"S": "entry#all"}, "facet": {"S": "000001#all"}}
OLD_POINTER = {"pk": {"S": "read-model"}, "sk": {"S": "generations"}, "live": {"N": "1"}}


def put_items(table: str, *items: dict[str, Any]) -> None:
    for item in items:
        client().put_item(TableName=table, Item=item)


def pointer_of(table: str) -> dict[str, Any]:
    key = {name: OLD_POINTER[name] for name in ("pk", "sk")}
    return dict(client().get_item(TableName=table, Key=key, ConsistentRead=True)["Item"])


@pytest.mark.parametrize("pointer", [[], [OLD_POINTER]], ids=["without a pointer", "with one"])
def test_a_table_of_an_earlier_version_is_read_and_written_and_listed_once_it_is_rebuilt(
    table: str, model: DynamoDbReadModel[BookDetails], pointer: list[dict[str, Any]]
) -> None:
    put_items(table, OLD_VIEW, OLD_ENTRY, *pointer)
    assert model.live().get("emma") == view("emma")
    with pytest.raises(StoreUnavailable, match="make rebuild"):
        model.live().find(books_by(), None, 5)
    (target,) = model.targets()
    target.replace(view("emma"), revised := view("emma", 2, title="Else"))
    assert model.live().get("emma") == revised
    with pytest.raises(StoreUnavailable, match="make rebuild"):
        target.find(books_by(), None, 5)
    building = model.begin_rebuild()
    put(building, revised)
    model.finish_rebuild()
    assert listed(model.live(), books_by()) == ["emma"]
    assert generations(table) == {"000002"}


def test_a_rebuild_that_an_earlier_version_has_begun_is_begun_anew(
    table: str, model: DynamoDbReadModel[BookDetails]
) -> None:
    checkpoint = {"pk": {"S": "read-model"}, "sk": {"S": "checkpoint#rebuild"}}
    put_items(table, OLD_VIEW, OLD_ENTRY, {**OLD_POINTER, "building": {"N": "2"}})
    put_items(table, {**checkpoint, "position": {"S": "x"}})
    put(model.begin_rebuild(), view("persuasion"))
    assert model.checkpoint("rebuild") is None
    assert pointer_of(table)["building"] == {"N": "3"}
    model.finish_rebuild()
    assert listed(model.live(), books_by()) == ["persuasion"]
    assert generations(table) == {"000003"}


def test_an_empty_table_has_places_from_the_first_generation_on(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    live = model.live()
    assert wire.actions(lambda: live.find(books_by(), None, 5)) == ["GetItem", "Scan", "Query"]
    assert wire.actions(lambda: live.find(books_by(), None, 5)) == ["Query"]
    assert wire.actions(model.targets) == ["GetItem", "Scan", "PutItem"]
    assert wire.actions(model.targets) == ["GetItem"]
    assert pointer_of(table)["places_since"] == {"N": "1"}
    time.now += CACHE_SECONDS
    assert wire.actions(lambda: live.find(books_by(), None, 5)) == ["GetItem", "Query"]


def test_of_racing_first_pointers_one_is_written(
    model: DynamoDbReadModel[BookDetails], table: str
) -> None:
    assert not any(isinstance(found, Exception) for found in race([model.targets] * 8))
    assert pointer_of(table)["places_since"] == {"N": "1"}


# --- the end of a rebuild -------------------------------------------------------------------------


def test_the_old_generation_is_deleted_when_nobody_can_read_it_any_more(
    table: str, wire: Wire, time: Time
) -> None:
    there_while_waiting: list[set[str]] = []

    def sleep(seconds: float) -> None:
        time.slept.append(seconds)
        there_while_waiting.append(generations(table))

    model = DynamoDbReadModel(wire.client, table, BOOKS, sleep, time.stopwatch)
    put(model.live(), *(view(f"b{n}") for n in range(10)))
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    assert there_while_waiting == [{"000001", "000002"}]
    assert time.slept == [35.0]
    assert generations(table) == {"000002"}


@pytest.mark.parametrize("action", ["Scan", "BatchWriteItem", "PutItem"])
@pytest.mark.parametrize("done", range(3))
def test_a_finish_that_was_stopped_is_resumed(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], action: str, done: int
) -> None:
    put(model.live(), *(view(f"b{n}", title=f"{n} of some words") for n in range(12)))
    rebuilt(model, "persuasion")
    wire.intercept = cut_off(action, done)
    for _ in range(3):
        try:
            model.finish_rebuild()
        except StoreUnavailable:
            wire.intercept = None
    assert listed(model.live(), books_by()) == ["persuasion"]
    assert generations(table) == {"000002"}
    assert wire.actions(model.finish_rebuild) == ["GetItem"]


def test_a_rebuild_can_begin_before_the_last_one_is_finished(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails]
) -> None:
    put(model.live(), view("emma"))
    rebuilt(model, "persuasion")
    wire.intercept = cut_off("Scan", 0)
    with pytest.raises(StoreUnavailable):
        model.finish_rebuild()
    wire.intercept = None
    rebuilt(model, "sanditon")
    assert generations(table) == {"000001", "000002", "000003"}
    model.finish_rebuild()
    assert listed(model.live(), books_by()) == ["sanditon"]
    assert generations(table) == {"000003"}


def test_what_a_late_writer_leaves_in_an_old_generation_is_deleted_by_the_next_rebuild(
    table: str, model: DynamoDbReadModel[BookDetails]
) -> None:
    (late,) = model.targets()
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    put(late, view("emma"))
    assert listed(model.live(), books_by()) == ["persuasion"]
    rebuilt(model, "sanditon")
    model.finish_rebuild()
    assert generations(table) == {"000003"}


def test_a_rebuild_begun_by_several_processes_at_once_is_one(
    model: DynamoDbReadModel[BookDetails], table: str
) -> None:
    begun = race([model.begin_rebuild] * 8)
    for number, building in enumerate(begun):
        assert not isinstance(building, Exception)
        put(building, view(f"b{number}"))
    assert generations(table) == {"000002"}
    model.finish_rebuild()
    assert len(listed(model.live(), books_by())) == 8


def test_a_rebuild_finished_by_several_processes_at_once_is_finished_once(
    model: DynamoDbReadModel[BookDetails], table: str
) -> None:
    put(model.live(), view("emma"))
    rebuilt(model, "persuasion")
    assert race([model.finish_rebuild] * 8) == [None] * 8
    assert listed(model.live(), books_by()) == ["persuasion"]
    assert generations(table) == {"000002"}


# --- deleting -----------------------------------------------------------------------------------


def test_unprocessed_deletions_are_sent_again(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    put(model.live(), *(view(f"b{n}") for n in range(10)))
    unprocessed = leaving_one(wire.client, times=3)
    delete_generations_before(2, unprocessed, table, time.slept.append)
    assert generations(table) == set()
    assert time.slept == [0.05, 0.1, 0.2]


def test_unprocessed_deletions_are_not_sent_again_for_ever(
    wire: Wire, table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    put(model.live(), view("emma"))
    unprocessed = leaving_one(wire.client, times=100)
    with pytest.raises(StoreUnavailable, match="throttled"):
        delete_generations_before(2, unprocessed, table, time.slept.append)
    assert time.slept == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2]


def leaving_one(database: DynamoDb, times: int) -> DynamoDb:
    """Return a DynamoDB that ``times`` says that it has not processed one deletion."""
    left = {"DeleteRequest": {"Key": {"pk": {"S": "000001#none"}, "sk": {"S": "view"}}}}
    remaining = [times]

    def call(action: str, parameters: Mapping[str, Any]) -> Response:
        response = database.call(action, parameters)
        if action != "BatchWriteItem" or remaining[0] == 0:
            return response
        remaining[0] -= 1
        (table,) = parameters["RequestItems"]
        return {**response, "UnprocessedItems": {table: [left]}}

    return DynamoDb(call)


def test_only_generations_before_the_one_that_serves_are_deleted(
    table: str, model: DynamoDbReadModel[BookDetails], time: Time
) -> None:
    put(model.live(), view("emma"))
    rebuilt(model, "persuasion")
    model.save_checkpoint("rebuild", "7")
    delete_generations_before(1, database(), table, time.slept.append)
    assert generations(table) == {"000001", "000002"}
    assert model.checkpoint("rebuild") == "7"
    assert listed(model.live(), books_by()) == ["emma"]


# --- what is set aside --------------------------------------------------------------------------


def test_streams_with_ids_too_long_for_a_sort_key_are_set_aside_and_resumed(
    model: DynamoDbReadModel[BookDetails],
) -> None:
    long, longer = "x" * 1_018, "x" * MAX_PARTITION_KEY_BYTES
    asides = [Aside(long, 1, "newer"), Aside(longer, 1, "newer"), Aside("y", 1, "newer")]
    for aside in asides:
        model.set_aside(aside)
    assert model.aside() == asides
    model.resume(asides[1])
    assert model.aside() == [asides[0], asides[2]]
