"""What ``make redrive`` prints, and how it exits."""

import pytest

from apps.redrive import __main__ as program
from apps.redrive.redriving import Outcome
from core.bootstrap import process
from core.config import read_settings
from core.ports.errors import StoreUnavailable

GONE = Outcome(messages=2, records=1_200, problems=["message 7: gone"])
TOTAL = "Messages redriven: 2, records handled: 1,200.\n"


def run(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome | BaseException, **environment: str
) -> None:
    def redrive(*_: object, **__: object) -> Outcome:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    given = {"QUEUE_URL": "https://sqs.example/queue", "STORE": "dynamodb", **environment}
    for name, value in {"DISCARD": "", "AWS_REGION": "us-east-2", **given}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    monkeypatch.setattr(process, "settings", lambda: read_settings(given))
    monkeypatch.setattr(program, "redrive", redrive)
    program.main()


def test_a_redriven_queue_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, Outcome(messages=2, records=1_200))
    assert capsys.readouterr().out == TOTAL


def test_messages_without_records_are_listed_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, GONE)
    head, listed, remedy = str(ended.value.code).splitlines()  # not a number: exits with 1
    assert (head, listed) == ("Not redriven, and still in the queue:", "message 7: gone")
    assert "make verify REPAIR=1" in remedy
    assert "make redrive DISCARD=1" in remedy
    assert capsys.readouterr().out == TOTAL


def test_discarded_messages_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, GONE, DISCARD="1")
    assert capsys.readouterr().out == f"{TOTAL}Deleted without a redrive:\nmessage 7: gone\n"


@pytest.mark.parametrize(
    ("cause", "line"),
    [
        (StoreUnavailable("table t: throttled."), "table t: throttled. Run it again to continue."),
        (KeyboardInterrupt(), "stopped. Run it again to continue."),
    ],
)
def test_what_ends_it_is_reported_in_one_line(
    cause: BaseException, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, cause)
    assert str(ended.value.code).strip() == f"redrive: {line}"


@pytest.mark.parametrize(
    ("wrong", "reported"),
    [
        ({"STORE": "sqlite"}, "redrive: STORE must be dynamodb, not sqlite."),
        ({"QUEUE_URL": ""}, "redrive: QUEUE_URL must be"),
    ],
)
def test_a_redrive_that_cannot_begin_reports_why(
    wrong: dict[str, str], reported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, Outcome(), **wrong)
    assert str(ended.value.code).startswith(reported)
