"""What every read model promises of its generations (core.ports.read_model)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Event
from typing import Any

import pytest

from core.ports.catalogue import Catalogue, StaleView
from core.ports.listing import Listing
from core.ports.read_model import Aside, ReadModel
from core.ports.views import Projected, Tombstone, View
from tests.support.sample import every_listing, put
from tests.support.samples import AnySample
from tests.support.walking import expected, items, listed, walk


def project(catalogue: Catalogue[Any], new: Projected[Any]) -> None:
    """Put ``new`` into ``catalogue`` unless that knows of a later version, as a projector does."""
    while (old := catalogue.get(new.id)) is None or old.version < new.version:
        try:
            catalogue.replace(old, new)
        except StaleView:
            continue


# --- live ---------------------------------------------------------------------------------------


def test_a_new_read_model_serves_an_empty_catalogue(read_model: ReadModel[Any]) -> None:
    assert listed(read_model.live(), Listing()) == []


def test_views_that_were_written_are_served(read_model: ReadModel[Any], sample: AnySample) -> None:
    put(read_model.live(), sample.view("emma"))
    assert read_model.live().get("emma") == sample.view("emma")


def test_the_live_catalogue_is_the_only_target(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.live(), sample.view("emma"))
    assert [target.get("emma") for target in read_model.targets()] == [sample.view("emma")]


# --- a rebuild ----------------------------------------------------------------------------------


def test_a_rebuild_begins_with_an_empty_catalogue(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.live(), sample.view("emma"))
    building = read_model.begin_rebuild()
    assert building.get("emma") is None
    assert listed(building, Listing()) == []


def test_reads_continue_while_a_rebuild_is_under_way(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.live(), sample.view("emma"))
    put(read_model.begin_rebuild(), sample.view("persuasion"))
    assert listed(read_model.live(), Listing()) == ["emma"]


def test_the_targets_of_a_rebuild_are_the_live_catalogue_and_the_one_being_built(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.live(), sample.view("emma"))
    put(read_model.begin_rebuild(), sample.view("persuasion"))
    assert [listed(target, Listing()) for target in read_model.targets()] == [
        ["emma"],
        ["persuasion"],
    ]


def test_a_rebuild_that_has_begun_is_resumed_when_it_is_begun_again(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.begin_rebuild(), sample.view("emma"))
    assert listed(read_model.begin_rebuild(), Listing()) == ["emma"]
    assert len(read_model.targets()) == 2


def test_a_finished_rebuild_is_served(read_model: ReadModel[Any], sample: AnySample) -> None:
    put(read_model.live(), sample.view("emma"))
    put(read_model.begin_rebuild(), sample.view("persuasion"))
    read_model.finish_rebuild()
    assert listed(read_model.live(), Listing()) == ["persuasion"]
    assert read_model.live().get("emma") is None


def test_a_finished_rebuild_leaves_one_target(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.begin_rebuild(), sample.view("persuasion"))
    read_model.finish_rebuild()
    assert [listed(target, Listing()) for target in read_model.targets()] == [["persuasion"]]


def test_finishing_without_a_rebuild_does_nothing(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.live(), sample.view("emma"))
    read_model.finish_rebuild()
    assert listed(read_model.live(), Listing()) == ["emma"]


def test_finishing_twice_is_the_same_as_finishing_once(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.begin_rebuild(), sample.view("emma"))
    read_model.finish_rebuild()
    read_model.finish_rebuild()
    assert listed(read_model.live(), Listing()) == ["emma"]


def test_rebuilds_can_follow_one_another(read_model: ReadModel[Any], sample: AnySample) -> None:
    for number in range(4):
        put(read_model.begin_rebuild(), sample.view(f"book-{number}"))
        read_model.finish_rebuild()
        assert listed(read_model.live(), Listing()) == [f"book-{number}"]


def test_the_catalogues_of_a_rebuild_are_independent(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    old, new = sample.view("emma"), sample.view("emma", details=sample.details_at(2))
    put(read_model.live(), old)
    put(read_model.begin_rebuild(), new)
    live, building = read_model.targets()
    live.replace(old, Tombstone("emma", 2))
    for listing in every_listing(sample.domain.listing, [old, new]):
        assert listed(live, listing) == []
        assert items(walk(building, listing)) == expected(sample.domain.listing, [new], listing)


def test_a_catalogue_taken_before_the_switch_can_be_read_after_it(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    put(read_model.live(), sample.view("emma"))
    taken_before = read_model.live()
    put(read_model.begin_rebuild(), sample.view("emma"))
    read_model.finish_rebuild()
    assert listed(taken_before, Listing()) == ["emma"]


# --- checkpoints --------------------------------------------------------------------------------


def test_there_is_no_checkpoint_before_one_is_saved(read_model: ReadModel[Any]) -> None:
    assert read_model.checkpoint("projector") is None


def test_the_last_checkpoint_saved_is_remembered(read_model: ReadModel[Any]) -> None:
    read_model.save_checkpoint("projector", "41")
    read_model.save_checkpoint("projector", "5")
    assert read_model.checkpoint("projector") == "5"


def test_each_name_has_its_own_checkpoint(read_model: ReadModel[Any]) -> None:
    read_model.save_checkpoint("projector", "1")
    read_model.save_checkpoint("rebuild", "2")
    assert read_model.checkpoint("projector") == "1"
    assert read_model.checkpoint("rebuild") == "2"


def test_a_rebuild_that_is_resumed_keeps_its_checkpoint(read_model: ReadModel[Any]) -> None:
    read_model.begin_rebuild()
    read_model.save_checkpoint("rebuild", "7")
    read_model.begin_rebuild()
    assert read_model.checkpoint("rebuild") == "7"


def test_a_new_rebuild_forgets_the_checkpoint_of_the_one_before(read_model: ReadModel[Any]) -> None:
    read_model.begin_rebuild()
    read_model.save_checkpoint("rebuild", "7")
    read_model.finish_rebuild()
    read_model.begin_rebuild()
    assert read_model.checkpoint("rebuild") is None


def test_a_rebuild_leaves_other_checkpoints_alone(read_model: ReadModel[Any]) -> None:
    read_model.save_checkpoint("projector", "9")
    read_model.begin_rebuild()
    read_model.finish_rebuild()
    assert read_model.checkpoint("projector") == "9"


# --- what is set aside --------------------------------------------------------------------------


def test_nothing_is_aside_at_first(read_model: ReadModel[Any]) -> None:
    assert list(read_model.aside()) == []


def test_what_was_set_aside_is_listed_by_stream(read_model: ReadModel[Any]) -> None:
    second, first = Aside("b", 2, "newer"), Aside("a", 1, "impossible")
    read_model.set_aside(second)
    read_model.set_aside(first)
    assert list(read_model.aside()) == [first, second]


@pytest.mark.parametrize("versions", list(permutations((1, 2, 3))))
def test_the_highest_version_that_was_set_aside_is_kept(
    read_model: ReadModel[Any], versions: tuple[int, ...]
) -> None:
    for version in versions:
        read_model.set_aside(Aside("a", version, f"reason {version}"))
    assert list(read_model.aside()) == [Aside("a", 3, "reason 3")]


def test_the_last_reason_for_a_version_is_kept(read_model: ReadModel[Any]) -> None:
    read_model.set_aside(Aside("a", 1, "first"))
    read_model.set_aside(Aside("a", 1, "last"))
    assert list(read_model.aside()) == [Aside("a", 1, "last")]


def test_a_stream_that_is_resumed_is_aside_no_more(read_model: ReadModel[Any]) -> None:
    read_model.set_aside(Aside("a", 1, "newer"))
    read_model.set_aside(Aside("b", 1, "newer"))
    read_model.resume(Aside("a", 1, "newer"))
    assert list(read_model.aside()) == [Aside("b", 1, "newer")]


def test_a_stream_stays_aside_when_a_later_version_was_set_aside_meanwhile(
    read_model: ReadModel[Any],
) -> None:
    read_model.set_aside(Aside("a", 1, "newer"))
    read_model.set_aside(Aside("a", 2, "newer"))
    read_model.resume(Aside("a", 1, "newer"))
    assert list(read_model.aside()) == [Aside("a", 2, "newer")]


def test_a_stream_is_resumed_also_at_a_later_version(read_model: ReadModel[Any]) -> None:
    read_model.set_aside(Aside("a", 1, "newer"))
    read_model.resume(Aside("a", 2, "newer"))
    assert list(read_model.aside()) == []


def test_resuming_what_is_not_aside_does_nothing(read_model: ReadModel[Any]) -> None:
    read_model.resume(Aside("a", 1, "newer"))
    assert list(read_model.aside()) == []


def test_what_is_aside_outlives_a_rebuild(read_model: ReadModel[Any]) -> None:
    read_model.set_aside(Aside("a", 1, "newer"))
    read_model.begin_rebuild()
    read_model.finish_rebuild()
    assert list(read_model.aside()) == [Aside("a", 1, "newer")]


def test_there_is_room_for_many_and_for_long_reasons(read_model: ReadModel[Any]) -> None:
    many = [Aside(f"stream-{number:03}", 1, "x" * 5_000) for number in range(250)]
    for aside in many:
        read_model.set_aside(aside)
    assert list(read_model.aside()) == many


# --- batches ------------------------------------------------------------------------------------


def test_what_is_written_in_a_batch_is_there_inside_and_after_it(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    new, aside = sample.view("emma"), Aside("a", 1, "newer")

    def written() -> tuple[Any, ...]:
        [target] = read_model.targets()
        return target.get("emma"), list(read_model.aside()), read_model.checkpoint("projector")

    with read_model.batch() as has_time:
        put(read_model.live(), new)
        read_model.set_aside(aside)
        read_model.save_checkpoint("projector", "1")
        assert written() == (new, [aside], "1")
        assert has_time() in (True, False)
    assert written() == (new, [aside], "1")
    assert listed(read_model.live(), Listing()) == ["emma"]


# --- a rebuild beside live writes ---------------------------------------------------------------

STREAMS = 12
VERSIONS = 3


def at(sample: AnySample, number: int, version: int) -> View[Any]:
    """Return the view of one of the streams at a version."""
    return sample.view(f"stream-{number:02}", version, sample.details_at(version), added=number)


def log(sample: AnySample) -> Iterator[View[Any]]:
    """Yield the views that a log of events leads to, version after version."""
    for version in range(1, VERSIONS + 1):
        for number in range(STREAMS):
            yield at(sample, number, version)


def test_a_rebuild_beside_live_writes_loses_neither(
    read_model: ReadModel[Any], sample: AnySample
) -> None:
    stored: list[View[Any]] = []
    begun = Event()

    def write_live() -> None:
        for new in log(sample):
            stored.append(new)  # the log has it before it is projected
            for target in read_model.targets():
                project(target, new)
            if len(stored) == STREAMS:
                begun.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_live)
        writing.add_done_callback(lambda _: begun.set())
        begun.wait()
        building = read_model.begin_rebuild()
        for old in tuple(stored):  # as far as it has come: the rest finds the new catalogue
            project(building, old)
        writing.result()
    read_model.finish_rebuild()

    live, declaration = read_model.live(), sample.domain.listing
    last = [at(sample, number, VERSIONS) for number in range(STREAMS)]
    earlier = [at(sample, number, version) for number, version in ((0, 1), (0, 2))]
    assert [live.get(v.id) for v in last] == last
    for listing in every_listing(declaration, [*last, *earlier]):
        assert items(walk(live, listing)) == expected(declaration, last, listing)
