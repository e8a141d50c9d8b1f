"""What the DynamoDB read model does beyond the contract: caches, waits, and goes on where it was stopped."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.adapters.dynamodb.read_model import CACHE_SECONDS, DynamoDbReadModel
from core.adapters.dynamodb.sweeping import delete_generations_before
from core.ports.catalogue import Listing
from core.ports.errors import StoreUnavailable
from tests.support.dynamodb import client, fresh_catalogue_table
from tests.support.dynamodb_wire import Wire, cut_off, fresh_wire
from tests.support.racing import race
from tests.support.books import put, view
from tests.support.walking import listed


class Time:
    """A stopwatch that is set by hand, and a sleep that only notes its seconds."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def stopwatch(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def wire() -> Wire:
    return fresh_wire()


@pytest.fixture
def table() -> Iterator[str]:
    with fresh_catalogue_table() as name:
        yield name


@pytest.fixture
def model(wire: Wire, table: str, time: Time) -> DynamoDbReadModel:
    return DynamoDbReadModel(wire.client, table, time.slept.append, time.stopwatch)


def generations(table: str) -> set[str]:
    """Return the generations of which the table has items."""
    found = client().scan(TableName=table)["Items"]
    return {item["pk"]["S"].partition("#")[0] for item in found} - {"read-model"}


def rebuilt(model: DynamoDbReadModel, *ids: str) -> None:
    put(model.begin_rebuild(), *(view(book_id) for book_id in ids))


# --- the cache ----------------------------------------------------------------------------------


def test_the_pointer_is_read_once_for_some_seconds(
    wire: Wire, model: DynamoDbReadModel, time: Time
) -> None:
    live = model.live()
    assert wire.actions(lambda: live.get("emma")) == ["GetItem", "GetItem"]
    time.now += CACHE_SECONDS - 0.1
    assert wire.actions(lambda: model.live().get("emma")) == ["GetItem"]
    time.now += 0.1
    assert wire.actions(lambda: model.live().get("emma")) == ["GetItem", "GetItem"]


def test_another_process_follows_a_switch_when_its_cache_is_old(
    wire: Wire, table: str, model: DynamoDbReadModel, time: Time
) -> None:
    other = DynamoDbReadModel(wire.client, table, time.slept.append, time.stopwatch)
    put(model.live(), view("emma"))
    assert listed(other.live(), Listing()) == ["emma"]
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    time.now += CACHE_SECONDS
    assert listed(other.live(), Listing()) == ["persuasion"]


def test_the_targets_are_never_cached(
    wire: Wire, table: str, model: DynamoDbReadModel, time: Time
) -> None:
    other = DynamoDbReadModel(wire.client, table, time.slept.append, time.stopwatch)
    assert len(other.targets()) == 1
    model.begin_rebuild()
    assert len(other.targets()) == 2


# --- the end of a rebuild -------------------------------------------------------------------------


def test_the_old_generation_is_deleted_when_nobody_can_read_it_any_more(
    table: str, wire: Wire, time: Time
) -> None:
    there_while_waiting: list[set[str]] = []

    def sleep(seconds: float) -> None:
        time.slept.append(seconds)
        there_while_waiting.append(generations(table))

    model = DynamoDbReadModel(wire.client, table, sleep, time.stopwatch)
    put(model.live(), *(view(f"b{n}") for n in range(10)))
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    assert there_while_waiting == [{"000001", "000002"}]
    assert time.slept == [35.0]
    assert generations(table) == {"000002"}


@pytest.mark.parametrize("action", ["Scan", "BatchWriteItem", "PutItem"])
@pytest.mark.parametrize("done", range(3))
def test_an_end_that_was_stopped_is_carried_on(
    wire: Wire, table: str, model: DynamoDbReadModel, action: str, done: int
) -> None:
    put(model.live(), *(view(f"b{n}", subjects=("a", "b", "c")) for n in range(12)))
    rebuilt(model, "persuasion")
    wire.meddle = cut_off(action, done)
    for _ in range(3):
        try:
            model.finish_rebuild()
        except StoreUnavailable:
            wire.meddle = None
    assert listed(model.live(), Listing()) == ["persuasion"]
    assert generations(table) == {"000002"}
    assert wire.actions(model.finish_rebuild) == ["GetItem"]


def test_a_rebuild_can_begin_while_the_end_of_the_one_before_is_not_carried_on(
    wire: Wire, table: str, model: DynamoDbReadModel
) -> None:
    put(model.live(), view("emma"))
    rebuilt(model, "persuasion")
    wire.meddle = cut_off("Scan", 0)
    with pytest.raises(StoreUnavailable):
        model.finish_rebuild()
    wire.meddle = None
    rebuilt(model, "sanditon")
    assert generations(table) == {"000001", "000002", "000003"}
    model.finish_rebuild()
    assert listed(model.live(), Listing()) == ["sanditon"]
    assert generations(table) == {"000003"}


def test_what_a_late_writer_leaves_in_an_old_generation_goes_with_the_next(
    table: str, model: DynamoDbReadModel
) -> None:
    (late,) = model.targets()
    rebuilt(model, "persuasion")
    model.finish_rebuild()
    put(late, view("emma"))
    assert listed(model.live(), Listing()) == ["persuasion"]
    rebuilt(model, "sanditon")
    model.finish_rebuild()
    assert generations(table) == {"000003"}


def test_a_rebuild_that_several_begin_at_once_is_one(model: DynamoDbReadModel, table: str) -> None:
    begun = race([model.begin_rebuild] * 8)
    for number, building in enumerate(begun):
        assert not isinstance(building, Exception)
        put(building, view(f"b{number}"))
    assert generations(table) == {"000002"}
    model.finish_rebuild()
    assert len(listed(model.live(), Listing())) == 8


def test_a_rebuild_that_several_finish_at_once_is_finished_once(
    model: DynamoDbReadModel, table: str
) -> None:
    put(model.live(), view("emma"))
    rebuilt(model, "persuasion")
    assert race([model.finish_rebuild] * 8) == [None] * 8
    assert listed(model.live(), Listing()) == ["persuasion"]
    assert generations(table) == {"000002"}


# --- deleting -----------------------------------------------------------------------------------


def test_deletions_that_dynamodb_leaves_undone_are_asked_for_again(
    wire: Wire, table: str, model: DynamoDbReadModel, time: Time
) -> None:
    put(model.live(), *(view(f"b{n}") for n in range(10)))
    undone = Undone(times=3)
    wire.client.meta.events.register("after-call.dynamodb.BatchWriteItem", undone)
    try:
        delete_generations_before(2, wire.client, table, time.slept.append)
    finally:
        wire.client.meta.events.unregister("after-call.dynamodb.BatchWriteItem", undone)
    assert generations(table) == set()
    assert time.slept == [0.05, 0.1, 0.2]


def test_deletions_are_not_asked_for_again_for_ever(
    wire: Wire, table: str, model: DynamoDbReadModel, time: Time
) -> None:
    put(model.live(), view("emma"))
    undone = Undone(times=100)
    wire.client.meta.events.register("after-call.dynamodb.BatchWriteItem", undone)
    try:
        with pytest.raises(StoreUnavailable, match="throttled"):
            delete_generations_before(2, wire.client, table, time.slept.append)
    finally:
        wire.client.meta.events.unregister("after-call.dynamodb.BatchWriteItem", undone)


class Undone:
    """Changes answers to say that one deletion was left undone."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self.times > 0:
            self.times -= 1
            left = {"DeleteRequest": {"Key": {"pk": {"S": "000001#none"}, "sk": {"S": "view"}}}}
            parsed["UnprocessedItems"] = {self.table(parsed): [left]}

    def table(self, parsed: dict[str, Any]) -> str:
        consumed: list[dict[str, str]] = parsed["ConsumedCapacity"]
        return consumed[0]["TableName"]


def test_only_generations_before_the_one_that_serves_are_deleted(
    table: str, model: DynamoDbReadModel, time: Time
) -> None:
    put(model.live(), view("emma"))
    rebuilt(model, "persuasion")
    model.save_checkpoint("rebuild", "7")
    delete_generations_before(1, client(), table, time.slept.append)
    assert generations(table) == {"000001", "000002"}
    assert model.checkpoint("rebuild") == "7"
    assert listed(model.live(), Listing()) == ["emma"]
