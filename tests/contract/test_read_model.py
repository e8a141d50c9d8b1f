"""What every read model promises of its generations (core.ports.read_model)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from core.ports.catalogue import BookView, Catalogue, Listing, StaleView, Tombstone
from core.ports.read_model import ReadModel
from tests.support.books import put, view
from tests.support.walking import listed


def project(catalogue: Catalogue, new: BookView | Tombstone) -> None:
    """Put ``new`` into ``catalogue`` unless that knows of a later version, as a projector does."""
    while (old := catalogue.get(new.book_id)) is None or old.version < new.version:
        try:
            catalogue.replace(old, new)
        except StaleView:
            continue


# --- live ---------------------------------------------------------------------------------------


def test_a_new_read_model_serves_an_empty_catalogue(read_model: ReadModel) -> None:
    assert listed(read_model.live(), Listing()) == []


def test_what_was_written_is_served(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    assert read_model.live().get("emma") == view("emma")


def test_the_live_catalogue_is_the_only_target(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    assert [target.get("emma") for target in read_model.targets()] == [view("emma")]


# --- a rebuild ----------------------------------------------------------------------------------


def test_a_rebuild_begins_with_an_empty_catalogue(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    building = read_model.begin_rebuild()
    assert building.get("emma") is None
    assert listed(building, Listing()) == []


def test_reads_go_on_while_a_rebuild_is_under_way(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    put(read_model.begin_rebuild(), view("persuasion"))
    assert listed(read_model.live(), Listing()) == ["emma"]


def test_the_targets_of_a_rebuild_are_the_live_catalogue_and_the_one_being_built(
    read_model: ReadModel,
) -> None:
    put(read_model.live(), view("emma"))
    put(read_model.begin_rebuild(), view("persuasion"))
    assert [listed(target, Listing()) for target in read_model.targets()] == [
        ["emma"],
        ["persuasion"],
    ]


def test_a_rebuild_that_has_begun_goes_on_when_it_is_begun_again(read_model: ReadModel) -> None:
    put(read_model.begin_rebuild(), view("emma"))
    assert listed(read_model.begin_rebuild(), Listing()) == ["emma"]
    assert len(read_model.targets()) == 2


def test_a_finished_rebuild_serves(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    put(read_model.begin_rebuild(), view("persuasion"))
    read_model.finish_rebuild()
    assert listed(read_model.live(), Listing()) == ["persuasion"]
    assert read_model.live().get("emma") is None


def test_a_finished_rebuild_leaves_one_target(read_model: ReadModel) -> None:
    put(read_model.begin_rebuild(), view("persuasion"))
    read_model.finish_rebuild()
    assert [listed(target, Listing()) for target in read_model.targets()] == [["persuasion"]]


def test_finishing_without_a_rebuild_does_nothing(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    read_model.finish_rebuild()
    assert listed(read_model.live(), Listing()) == ["emma"]


def test_finishing_twice_is_finishing_once(read_model: ReadModel) -> None:
    put(read_model.begin_rebuild(), view("emma"))
    read_model.finish_rebuild()
    read_model.finish_rebuild()
    assert listed(read_model.live(), Listing()) == ["emma"]


def test_rebuilds_can_follow_one_another(read_model: ReadModel) -> None:
    for number in range(4):
        put(read_model.begin_rebuild(), view(f"book-{number}"))
        read_model.finish_rebuild()
        assert listed(read_model.live(), Listing()) == [f"book-{number}"]


def test_the_catalogues_of_a_rebuild_do_not_touch_each_other(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma", title="Old"))
    put(read_model.begin_rebuild(), view("emma", title="New"))
    live, building = read_model.targets()
    live.replace(view("emma", title="Old"), Tombstone("emma", 2))
    assert listed(building, Listing(words=("new",))) == ["emma"]
    assert listed(live, Listing(words=("old",))) == []


def test_a_catalogue_taken_before_the_switch_still_answers_after_it(read_model: ReadModel) -> None:
    put(read_model.live(), view("emma"))
    taken_before = read_model.live()
    put(read_model.begin_rebuild(), view("emma"))
    read_model.finish_rebuild()
    assert listed(taken_before, Listing()) == ["emma"]


# --- checkpoints --------------------------------------------------------------------------------


def test_there_is_no_checkpoint_before_one_is_saved(read_model: ReadModel) -> None:
    assert read_model.checkpoint("projector") is None


def test_the_last_checkpoint_saved_is_remembered(read_model: ReadModel) -> None:
    read_model.save_checkpoint("projector", "41")
    read_model.save_checkpoint("projector", "5")
    assert read_model.checkpoint("projector") == "5"


def test_each_name_has_its_own_checkpoint(read_model: ReadModel) -> None:
    read_model.save_checkpoint("projector", "1")
    read_model.save_checkpoint("rebuild", "2")
    assert read_model.checkpoint("projector") == "1"
    assert read_model.checkpoint("rebuild") == "2"


def test_a_rebuild_that_goes_on_keeps_its_checkpoint(read_model: ReadModel) -> None:
    read_model.begin_rebuild()
    read_model.save_checkpoint("rebuild", "7")
    read_model.begin_rebuild()
    assert read_model.checkpoint("rebuild") == "7"


def test_a_new_rebuild_forgets_the_checkpoint_of_the_one_before(read_model: ReadModel) -> None:
    read_model.begin_rebuild()
    read_model.save_checkpoint("rebuild", "7")
    read_model.finish_rebuild()
    read_model.begin_rebuild()
    assert read_model.checkpoint("rebuild") is None


def test_a_rebuild_leaves_other_checkpoints_alone(read_model: ReadModel) -> None:
    read_model.save_checkpoint("projector", "9")
    read_model.begin_rebuild()
    read_model.finish_rebuild()
    assert read_model.checkpoint("projector") == "9"


# --- a rebuild beside live writes ---------------------------------------------------------------

BOOKS = 12
VERSIONS = 3


def log() -> Iterator[BookView]:
    """Yield the book views that a log of events leads to, version after version."""
    for version in range(1, VERSIONS + 1):
        for number in range(BOOKS):
            yield view(f"book-{number:02}", version, title=f"Title {number} of {version}")


def test_a_rebuild_beside_live_writes_loses_neither(read_model: ReadModel) -> None:
    stored: list[BookView] = []
    begun = Event()

    def write_live() -> None:
        for new in log():
            stored.append(new)  # the log has it before it is projected
            for target in read_model.targets():
                project(target, new)
            if len(stored) == BOOKS:
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

    live = read_model.live()
    last = [view(f"book-{n:02}", VERSIONS, title=f"Title {n} of {VERSIONS}") for n in range(BOOKS)]
    assert [live.get(v.book_id) for v in last] == last
    assert len(listed(live, Listing(words=("title",)))) == BOOKS
    assert listed(live, Listing(words=("of", "1"))) == ["book-01", "book-10", "book-11"]
