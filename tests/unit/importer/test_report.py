import io
from pathlib import Path

from rich.console import Console

from apps.importer.outcomes import Outcome, Tally, Verdict, rejected
from apps.importer.report import shown_progress, summary


def some_tally(problems: int = 1) -> Tally:
    tally = Tally()
    tally.add(2, Outcome(Verdict.ADDED))
    tally.add(3, Outcome(Verdict.ALREADY_THERE))
    for number in range(4, 4 + problems):
        tally.add(number, rejected("isbn is wrong"))
    return tally


def test_the_summary_has_all_counts_the_rate_the_lag_and_the_first_reasons() -> None:
    lines = summary(some_tally(), 1.5, "0.20 s", Path("r.csv")).splitlines()
    assert [line.split() for line in lines[:5]] == [
        ["rows", "read", "3"],
        ["added", "1"],
        ["already", "there", "1"],
        ["rejected", "1"],
        ["failed", "0"],
    ]
    assert "2 rows a second" in lines[5]
    assert "0.20 s" in lines[6]
    assert lines[7] == "row 4 rejected: isbn is wrong"
    assert lines[8] == "r.csv has all that was not imported, with the reasons: 1 row"


def test_the_summary_shows_only_the_first_few_problems() -> None:
    text = summary(some_tally(problems=500), 0.0, "-", Path("r.csv"))
    assert text.count("isbn is wrong") == 10
    assert text.endswith("reasons: 500 rows")


def test_without_a_terminal_progress_is_an_occasional_line() -> None:
    now = [0.0]
    output = io.StringIO()
    with shown_progress(Console(file=output), 1000, lambda: now[0]) as show:
        show(some_tally(), 100)
        now[0] = 5.0
        show(some_tally(), 500)
        show(some_tally(), 510)
    assert output.getvalue().splitlines() == [
        " 50%  3 rows: 1 added, 1 already there, 1 rejected, 0 failed"
    ]


def test_progress_towards_an_unknown_size_has_no_share() -> None:
    now = iter([0.0, 5.0, 5.0])
    lines, bar = io.StringIO(), io.StringIO()
    with shown_progress(Console(file=lines), None, now.__next__) as show:
        show("300 books", 300)
    assert lines.getvalue() == "300 books\n"
    console = Console(file=bar, force_terminal=True, width=120)
    with shown_progress(console, None, lambda: 0.0) as show:
        show("300 books", 300)
    assert "300 books" in bar.getvalue()
    assert "%" not in bar.getvalue()


def test_on_a_terminal_progress_is_a_bar() -> None:
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120)
    with shown_progress(console, 1000, lambda: 0.0) as show:
        show(some_tally(), 500)
    assert "50%" in output.getvalue()
    assert "3 rows: 1 added" in output.getvalue()
