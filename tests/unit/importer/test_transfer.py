import random
import threading
from collections.abc import Iterable, Iterator

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.importer.cleaning import Book, Unusable
from apps.importer.client import Halted
from apps.importer.outcomes import Outcome, Tally, Verdict, failed
from apps.importer.rows import Row
from apps.importer.stopping import Stop
from apps.importer.transfer import transfer
from tests.unit.importer.fake_catalogue import FakeCatalogue, Fault, command_client

ADDED = Outcome(Verdict.ADDED)


def book_rows(count: int) -> list[Row]:
    return [Row(i + 2, (), {"title": f"Book {i}", "authors": ["B"]}) for i in range(count)]


def tally_of(outcomes: Iterable[tuple[Row, Outcome]]) -> Tally:
    tally = Tally()
    for row, outcome in outcomes:
        tally.add(row.number, outcome)
    return tally


ROWS = st.lists(
    st.one_of(
        st.just(Unusable("isbn is wrong")),
        st.fixed_dictionaries(
            {"title": st.sampled_from("ABCDEF")},
            optional={"authors": st.just(["B"]), "isbn": st.sampled_from(["1", "2", "3"])},
        ),
    ),
    max_size=30,
).map(lambda contents: [Row(i + 2, (), content) for i, content in enumerate(contents)])


@settings(deadline=None)
@given(ROWS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_counts_add_up_whatever_the_service_returns(
    rows: list[Row], parallel: int, chance: random.Random
) -> None:
    def fault() -> Fault | None:
        spoilt: list[Fault] = [httpx.Response(503), httpx.Response(500), httpx.ReadError("lost")]
        return chance.choice([*spoilt, None, None, None])

    catalogue = FakeCatalogue(fault)
    client = command_client(catalogue, attempts=3)
    stop = Stop()
    ended = list(transfer(rows, client.send, parallel, stop))
    tally = tally_of(ended)
    assert tally.read == len(ended) == sum(tally[verdict] for verdict in Verdict)
    numbers = [row.number for row, _ in ended]
    assert len(set(numbers)) == len(numbers)
    if not stop.is_asked():
        assert sorted(numbers) == [row.number for row in rows]
    assert tally[Verdict.ADDED] <= len(catalogue.books)


@settings(deadline=None)
@given(st.integers(0, 25), st.integers(0, 25), st.integers(1, 5))
def test_an_import_that_was_interrupted_and_started_again_adds_each_row_once(
    count: int, interrupted_after: int, parallel: int
) -> None:
    catalogue = FakeCatalogue()
    stop = Stop()
    first = Tally()
    for row, outcome in transfer(book_rows(count), command_client(catalogue).send, parallel, stop):
        first.add(row.number, outcome)
        if first.read == interrupted_after:
            stop.ask("interrupted")
    assert first.read >= min(count, interrupted_after)
    second = tally_of(transfer(book_rows(count), command_client(catalogue).send, parallel, Stop()))
    assert second.read == count
    assert second[Verdict.ALREADY_THERE] == first[Verdict.ADDED]
    assert second[Verdict.ADDED] == count - first[Verdict.ADDED]
    assert catalogue.titles() == {f"Book {i}": 1 for i in range(count)}


def test_a_write_whose_response_was_lost_is_not_added_twice() -> None:
    lost = iter([httpx.ReadTimeout("lost")])
    catalogue = FakeCatalogue(lambda: next(lost, None))
    tally = tally_of(transfer(book_rows(3), command_client(catalogue).send, 1, Stop()))
    assert (tally[Verdict.ADDED], tally[Verdict.ALREADY_THERE]) == (2, 1)
    assert catalogue.titles() == {"Book 0": 1, "Book 1": 1, "Book 2": 1}


def test_a_row_that_occurs_twice_is_one_book() -> None:
    catalogue = FakeCatalogue()
    rows = book_rows(2) + book_rows(2)
    tally = tally_of(transfer(rows, command_client(catalogue).send, 4, Stop()))
    assert (tally[Verdict.ADDED], tally[Verdict.ALREADY_THERE]) == (2, 2)


def test_a_file_is_read_no_further_than_its_rows_are_sent() -> None:
    begun = 0
    ended = 0

    def rows() -> Iterator[Row]:
        nonlocal begun
        for row in book_rows(200):
            begun += 1
            assert begun - ended <= 2 * 3
            yield row

    for _ in transfer(rows(), lambda book: ADDED, 3, Stop()):
        ended += 1
    assert ended == 200


def test_rows_are_sent_concurrently() -> None:
    together = threading.Barrier(4, timeout=30)

    def send(book: Book) -> Outcome:
        together.wait()
        return ADDED

    assert tally_of(transfer(book_rows(8), send, 4, Stop()))[Verdict.ADDED] == 8


def test_a_stop_waits_for_rows_under_way_and_sends_no_more() -> None:
    under_way = threading.Event()
    stop = Stop()
    sent: list[str] = []
    rows = iter(book_rows(20))

    def send(book: Book) -> Outcome:
        sent.append(book["title"])
        under_way.set()
        stop.pause(30)
        return ADDED

    def interrupt() -> None:
        under_way.wait(30)
        stop.ask("interrupted")

    threading.Thread(target=interrupt).start()
    ended = list(transfer(rows, send, 2, stop))
    assert {row.content["title"] for row, _ in ended if isinstance(row.content, dict)} == set(sent)
    assert len(sent) <= 4
    assert next(rows, None) is not None


def test_a_refusal_of_all_rows_stops_the_import_with_its_reason() -> None:
    def send(book: Book) -> Outcome:
        raise Halted("the token lacks the scope")

    stop = Stop()
    tally = tally_of(transfer(book_rows(50), send, 2, stop))
    assert stop.reason == "the token lacks the scope"
    assert tally[Verdict.FAILED] == tally.read
    assert 1 <= tally.read <= 4


def test_consecutive_failures_stop_the_import() -> None:
    stop = Stop()
    tally = tally_of(transfer(book_rows(50), lambda book: failed("away"), 1, stop))
    assert stop.reason == "5 consecutive rows failed: away"
    assert tally.read < 50


def test_a_single_row_that_fails_does_not_stop_the_others() -> None:
    def send(book: Book) -> Outcome:
        return failed("away") if book["title"].endswith("0") else ADDED

    stop = Stop()
    tally = tally_of(transfer(book_rows(50), send, 1, stop))
    assert (tally[Verdict.FAILED], tally[Verdict.ADDED]) == (5, 45)
    assert not stop.is_asked()
