"""Projecting in batches leads to what projecting one event after another does.

For any history, with events that cannot be read, views that cannot be written and outages at any
call, and batches that end anywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.memory.read_model import MemoryReadModel
from core.adapters.sqlite.catalogue import SqliteCatalogue
from core.application.aside import project_or_set_aside, retry_aside
from core.application.log import catch_up, rebuild
from core.ports.catalogue import Catalogue
from core.ports.errors import StoreUnavailable
from core.ports.read_model import Aside, ReadModel
from core.ports.views import Projected
from tests.support.adapters import READ_MODELS
from tests.support.failing import FailingAt
from tests.support.sample import every_listing
from tests.support.samples import SAMPLES, AnySample
from tests.support.share import examples
from tests.support.unreliable_stores import Forgetful
from tests.support.walking import items, walk

STREAMS: Final = ("a", "b", "c")
Versions = frozenset[tuple[str, int]]

OUTCOMES = st.lists(st.sampled_from(["fine", "fine", "fine", "before", "lost"]), max_size=40)
TIMES = st.lists(st.booleans(), max_size=30)
POISON = st.frozensets(st.tuples(st.sampled_from(STREAMS), st.integers(1, 4)), max_size=3)

any_trouble = given(
    name=st.sampled_from(sorted(SAMPLES)),
    streams=st.lists(st.sampled_from(STREAMS), max_size=12),
    newer=POISON,
    poison=POISON,
    outcomes=OUTCOMES,
    times=TIMES,
)


class Poisoned:
    """A catalogue that fails to write some views, in the middle of it."""

    def __init__(self, inner: Catalogue[Any], poison: Versions) -> None:
        self._inner = inner
        self._poison = poison

    def get(self, stream: str) -> Projected[Any] | None:
        return self._inner.get(stream)

    def finish(self, projected: Projected[Any], /) -> None:
        self._inner.finish(projected)

    def replace(self, old: Projected[Any] | None, new: Projected[Any]) -> None:
        if (new.id, new.version) not in self._poison:
            self._inner.replace(old, new)
        elif isinstance(self._inner, SqliteCatalogue):
            with self._inner._database.write() as connection:
                connection.execute("REPLACE INTO checkpoints VALUES ('half', '1')")
                raise ValueError("poison")
        else:
            raise ValueError("poison")


class Faulty:
    """A read model with poisoned views, which fails by a plan, and whose batches end by another."""

    def __init__(
        self,
        inner: ReadModel[Any],
        poison: Versions,
        outcomes: Sequence[str],
        times: Sequence[bool],
    ) -> None:
        self._inner = inner
        self._poison = poison
        self._plan = iter(outcomes)
        self._times = iter(times)
        self._failing = FailingAt(inner, self._plan, unavailable)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._failing, name)

    def targets(self) -> Sequence[Any]:
        return [self._faulty(target) for target in self._inner.targets()]

    def begin_rebuild(self) -> Any:
        return self._faulty(self._inner.begin_rebuild())

    @contextmanager
    def batch(self) -> Iterator[Callable[[], bool]]:
        with self._inner.batch():
            yield lambda: next(self._times, True)

    def _faulty(self, catalogue: Catalogue[Any]) -> Any:
        return FailingAt(Poisoned(catalogue, self._poison), self._plan, unavailable)


def unavailable() -> StoreUnavailable:
    return StoreUnavailable("as planned")


def until_done(work: Callable[[], object]) -> None:
    """Do ``work`` again until nothing is unavailable."""
    while True:
        try:
            work()
        except StoreUnavailable:
            continue
        return


def history(sample: AnySample, streams: Sequence[str], newer: Versions) -> Forgetful:
    """Return a log with an event of each of ``streams`` after another."""
    store = Forgetful()
    for stream in streams:
        version = len(store.load(stream)) + 1
        store.append(stream, version - 1, [sample.envelope(stream, version)])
    store.newer = newer
    return store


def content(sample: AnySample, model: ReadModel[Any]) -> tuple[Any, ...]:
    """Return all that can be seen of a read model."""
    live = model.live()
    views = [sample.view(stream, 1, sample.details_at(1)) for stream in STREAMS]
    found = [items(walk(live, listing)) for listing in every_listing(sample.domain.listing, views)]
    return [live.get(stream) for stream in STREAMS], found, list(model.aside())


def one_by_one(
    sample: AnySample, store: Forgetful, poison: Versions
) -> tuple[ReadModel[Any], set[Aside], str | None]:
    """Return what each event alone leads to: the read model, what was reported, the position."""
    model: MemoryReadModel[Any] = MemoryReadModel(sample.domain.listing)
    faulty: Any = Faulty(model, poison, [], [])
    reported: set[Aside] = set()
    entries = list(store.follow(None))
    for _, logged in entries:
        project_or_set_aside(
            logged, faulty.targets(), model, store, sample.domain, lambda a, _: reported.add(a)
        )
    return model, reported, entries[-1][0] if entries else None


@pytest.mark.parametrize("adapter", ["memory", "sqlite"])
@settings(
    max_examples=examples(20, thoroughly=400),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@any_trouble
def test_a_log_that_is_followed_in_batches_leads_to_what_each_event_alone_does(
    adapter: str,
    tmp_path: Path,
    name: str,
    streams: list[str],
    newer: Versions,
    poison: Versions,
    outcomes: list[str],
    times: list[bool],
) -> None:
    sample = SAMPLES[name]
    store = history(sample, streams, newer)
    expected, expected_reports, last = one_by_one(sample, store, poison)
    reported: set[Aside] = set()
    with READ_MODELS[adapter](sample.domain, Path(mkdtemp(dir=tmp_path))) as model:
        faulty: Any = Faulty(model, poison, outcomes, times)
        until_done(
            lambda: catch_up("x", faulty, store, sample.domain, lambda a, _: reported.add(a))
        )
        assert content(sample, model) == content(sample, expected)
        assert reported == expected_reports
        assert model.checkpoint("x") == last
        assert model.checkpoint("half") is None


@pytest.mark.parametrize("adapter", ["memory", "sqlite"])
@settings(
    max_examples=examples(15, thoroughly=300),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@any_trouble
def test_a_rebuild_in_batches_leads_to_what_each_event_alone_does(
    adapter: str,
    tmp_path: Path,
    name: str,
    streams: list[str],
    newer: Versions,
    poison: Versions,
    outcomes: list[str],
    times: list[bool],
) -> None:
    sample = SAMPLES[name]
    store = history(sample, streams, newer)
    expected, _, _ = one_by_one(sample, store, poison)
    same: Any = Faulty(expected, poison, [], [])
    retry_aside(same, store, sample.domain, lambda *_: None)
    with READ_MODELS[adapter](sample.domain, Path(mkdtemp(dir=tmp_path))) as model:
        faulty: Any = Faulty(model, poison, outcomes, times)
        until_done(lambda: rebuild(faulty, store, sample.domain, lambda *_: None, lambda _: None))
        assert content(sample, model) == content(sample, expected)
        assert model.checkpoint("half") is None


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_what_a_batch_has_written_is_seen_inside_and_undone_if_it_fails(
    sample: AnySample, tmp_path: Path, stop: int
) -> None:
    def write(model: ReadModel[Any]) -> None:
        with model.batch():
            for number in range(stop):
                new = sample.view(f"view-{number}")
                model.live().replace(None, new)
                assert model.live().get(new.id) == new
            model.set_aside(Aside("a", 1, "newer"))
            model.save_checkpoint("x", "1")
            assert (model.checkpoint("x"), len(model.aside())) == ("1", 1)
            raise KeyboardInterrupt

    with READ_MODELS["sqlite"](sample.domain, tmp_path) as model:
        with pytest.raises(KeyboardInterrupt):
            write(model)
        assert [model.live().get(f"view-{number}") for number in range(stop)] == [None] * stop
        assert (model.checkpoint("x"), list(model.aside())) == (None, [])
