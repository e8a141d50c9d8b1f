"""How much a store has is counted."""

from pathlib import Path
from time import monotonic

import pytest

from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.figures import read_figures as figures_of_tables
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.adapters.sqlite.event_store import SqliteEventStore
from core.adapters.sqlite.figures import read_figures as figures_of_file
from core.adapters.sqlite.read_model import SqliteReadModel
from core.application.log import catch_up
from core.ports.errors import StoreUnavailable
from core.ports.event_store import Claims
from tests.support import dynamodb
from tests.support.samples import AnySample


def test_a_file_has_events_and_views_and_events_that_wait(
    sample: AnySample, tmp_path: Path
) -> None:
    path = tmp_path / "store.db"
    store = SqliteEventStore(path, sample.domain.events)
    model = SqliteReadModel(path, sample.domain.listing)
    store.append("a", 0, sample.history("a", 1, 2))
    store.append("b", 0, [sample.envelope("b", 1), sample.envelope("b", 2, sample.last)])
    catch_up("projector", model, store, sample.domain, lambda *_: pytest.fail("set aside"))
    store.append("c", 0, sample.history("c", 1, 3))
    figures = figures_of_file(path, "projector")
    assert (figures.events, figures.views, figures.waiting) == (7, 1, 3)
    assert (figures.live, figures.building) == (1, None)
    model.begin_rebuild()
    assert figures_of_file(path, "projector").building == 2
    assert figures_of_file(path, "another").waiting == 7


def test_tables_have_items_and_generations(sample: AnySample) -> None:
    wire, boto3 = dynamodb.database(), dynamodb.client()
    with dynamodb.fresh_events_table() as events, dynamodb.fresh_catalogue_table() as catalogue:
        store = DynamoDbEventStore(wire, events, sample.domain.events, lambda _: None)
        model = DynamoDbReadModel(wire, catalogue, sample.domain, lambda _: None, monotonic)
        empty = figures_of_tables(wire, boto3, events, catalogue)
        assert (empty.live, empty.building) == (1, None)
        store.append("a", 0, sample.history("a", 1, 2), Claims(frozenset({"claim"})))
        model.begin_rebuild()
        figures = figures_of_tables(wire, boto3, events, catalogue)
        assert (figures.events, figures.views) == (3, 1)  # with the claim; the pointer
        assert (figures.live, figures.building, figures.waiting) == (1, 2, None)
        with pytest.raises(StoreUnavailable, match="no-such-table"):
            figures_of_tables(wire, boto3, "no-such-table", catalogue)
