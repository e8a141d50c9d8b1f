"""The adapters over the model keep what they promise over DynamoDB.

The suites are those of ``tests/contract``: each test that takes a store runs here with one over the
model. What the model gets wrong fails them, or ``test_model.py``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from inspect import signature
from threading import Lock
from time import monotonic
from types import ModuleType
from typing import Any, cast

import pytest

from apps.local.dynamodb_tables import catalogue_table, events_table
from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.ports.catalogue import Catalogue
from core.ports.event_store import EventStore
from core.ports.read_model import ReadModel
from tests.contract import (
    test_event_store,
    test_handling,
    test_listing_properties,
    test_read_model,
)
from tests.reliability.simulation.dynamodb import ModelDynamoDb
from tests.support.dynamodb import catalogue_at
from tests.support.samples import SAMPLES, AnySample


def suite(module: ModuleType, fixture: str) -> Mapping[str, Callable[..., None]]:
    """Return the tests of a contract suite that take a store by the fixture of that name."""
    tests = {name: test for name, test in vars(module).items() if name.startswith("test_")}
    return {name: test for name, test in tests.items() if fixture in signature(test).parameters}


globals().update(
    {
        **suite(test_event_store, "event_store"),
        **suite(test_handling, "event_store"),
        **suite(test_handling, "desk"),
        "desk": test_handling.desk,
        **suite(test_read_model, "read_model"),
        **suite(test_listing_properties, "new_catalogue"),
    }
)


class OneAtATime:
    """A client for the suites' threads: the model takes one request after the other."""

    def __init__(self, model: ModelDynamoDb) -> None:
        self._model = model
        self._lock = Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._model, name)

        def call(**arguments: Any) -> Any:
            with self._lock:
                return method(**arguments)

        return call


def client(*tables: Mapping[str, Any]) -> Any:
    """Return a client of a model with ``tables``."""
    model = ModelDynamoDb()
    for table in tables:
        model.create_table(**table)
    return OneAtATime(model)


def no_sleep(_: float) -> None:
    """Return at once."""


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> AnySample:
    return SAMPLES[cast("str", request.param)]


@pytest.fixture
def event_store(sample: AnySample) -> EventStore[Any]:
    return DynamoDbEventStore(client(events_table("e")), "e", sample.domain.events, no_sleep)


@pytest.fixture
def read_model(sample: AnySample) -> ReadModel[Any]:
    table = catalogue_table("c")
    return DynamoDbReadModel(client(table), "c", sample.domain, no_sleep, monotonic)


@pytest.fixture
def new_catalogue(sample: AnySample) -> Callable[[], AbstractContextManager[Catalogue[Any]]]:
    @contextmanager
    def new() -> Iterator[Catalogue[Any]]:
        table = catalogue_table("c")
        yield catalogue_at(client(table), "c", sample.domain, 1)

    return new


@pytest.mark.parametrize("fixture", ["event_store", "desk", "read_model", "new_catalogue"])
def test_there_is_a_suite_for_each_store(fixture: str) -> None:
    tests = [test for name, test in globals().items() if name.startswith("test_")]
    assert any(fixture in signature(test).parameters for test in tests if callable(test))
