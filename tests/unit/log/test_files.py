"""A file of a log is whole, or it is refused; it appears when it is, and replaces nothing."""

import gzip
import json
from contextlib import ExitStack, closing
from fcntl import flock
from pathlib import Path
from typing import IO

import pytest

from apps.log.checking import events_of
from apps.log.exporting import Damaged, write_log
from apps.log.files import lines_of, new_file
from apps.log.lines import Stored, Unusable, event_line, header_line, read_event
from apps.log.streams import Streams
from core.ports.events import Envelope, StoredEvent, Unreadable
from tests.support.sample import NOON

HEADER = header_line("a test", "appends", NOON)


def event(stream: str, version: int, **changes: object) -> Stored:
    known: dict[str, object] = {
        "event": StoredEvent("Lit", 7, {"colour": "bl\u00e5", "watts": 1.50, "many": [{}, None]}),
        "event_id": f"{stream}-{version}",
        "occurred_at": NOON,
        "actor": "ann",
        "correlation_id": "request",
        "causation_id": "message",
    }
    return Envelope(stream, version, **{**known, **changes})  # type: ignore[arg-type]


EVENTS = [event("a", 1), event("b", 1, idempotency_key="k", fingerprint="f"), event("a", 2)]


def write(path: Path, *logged: Stored | Unreadable) -> int:
    log = ((str(number), each) for number, each in enumerate(logged))
    with closing(Streams()) as streams, new_file(path) as writes:
        return write_log(HEADER, log, writes, streams, lambda _: None)


def read(path: Path) -> list[Stored]:
    with lines_of(path) as lines:
        assert list(lines()) == list(lines())  # from the beginning each time
        return list(events_of(lines))


@pytest.fixture(params=["log.ndjson", "log.ndjson.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def test_what_was_written_is_read(path: Path) -> None:
    assert write(path, *EVENTS) == 3
    assert read(path) == EVENTS
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o077 == 0


def test_an_event_has_a_member_for_each_field_of_its_envelope_and_of_its_stored_form() -> None:
    known = {*Envelope._fields} - {"event"} | {*StoredEvent._fields}
    assert json.loads(event_line(EVENTS[1])).keys() == known


def test_a_file_is_not_replaced(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(Unusable, match="there already"):
        write(path, *EVENTS)
    assert path.read_text() == "precious"


def test_two_programs_do_not_write_one_file(path: Path) -> None:
    with new_file(path), pytest.raises(Unusable, match="another program"), new_file(path):
        pytest.fail("both write")


def test_a_file_that_another_program_has_just_finished_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as other:
        other.enter_context(new_file(path))(b"precious")

        def lock(file: IO[bytes], operation: int) -> None:
            other.close()
            flock(file, operation)

        monkeypatch.setattr("fcntl.flock", lock)
        with pytest.raises(Unusable, match="there already"), new_file(path):
            pass
    with lines_of(path) as lines:
        assert list(lines()) == [b"precious"]


def test_what_a_killed_program_has_left_is_no_obstacle(path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(b"left" * 10_000)
    write(path, *EVENTS)
    assert read(path) == EVENTS
    assert not part.exists()


def test_a_log_that_cannot_be_copied_leaves_no_file(path: Path) -> None:
    for broken in (Unreadable("a", 1, "no JSON"), event("a", 2)):
        with pytest.raises(Damaged, match=r"version [12] of a|of a has version 2"):
            write(path, EVENTS[1], broken)
        assert list(path.parent.iterdir()) == []


def test_a_file_that_was_cut_off_anywhere_is_refused(path: Path) -> None:
    write(path, *EVENTS)
    whole = path.read_bytes()
    end = len(whole) - (path.suffix != ".gz")  # the last line break may be missing
    for length in range(0, end, 5):
        path.write_bytes(whole[:length])
        with pytest.raises(Unusable):
            read(path)


def test_a_file_in_which_one_byte_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    write(path, *EVENTS)
    whole = path.read_bytes()
    last_line = whole.rindex(b"\n", 0, -1)
    for at in (*range(0, last_line, 7), *range(last_line, len(whole) - 1)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Unusable):
            read(path)


def test_a_line_that_is_missing_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    write(path, *EVENTS)
    lines = path.read_bytes().splitlines(keepends=True)
    for left_out in range(len(lines)):
        path.write_bytes(b"".join(lines[:left_out] + lines[left_out + 1 :]))
        with pytest.raises(Unusable):
            read(path)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (b'{"title":"Emma"}', "not the file of a log"),
        (HEADER.replace(b'_version":1', b'_version":2'), "has version 2 of the format"),
        (b"title,authors", "not JSON"),
        (b"[]", "not a JSON object"),
    ],
)
def test_another_file_is_refused(first: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(first.rstrip() + b"\n" + event_line(EVENTS[0]))
    with pytest.raises(Unusable, match=reason):
        read(path)


def test_a_file_that_is_not_packed_as_its_name_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson.gz"
    path.write_bytes(HEADER)
    with pytest.raises(Unusable, match="not whole, or damaged"):
        read(path)
    with pytest.raises(Unusable, match="cannot be read"), lines_of(tmp_path / "none"):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "1"},
        {"version": True},
        {"stream": None},
        {"occurred_at": "noon"},
        {"fingerprint": 3},
        {"trace": "unknown here"},
    ],
)
def test_an_event_of_another_shape_is_refused(changes: dict[str, object]) -> None:
    line = json.dumps({**json.loads(event_line(EVENTS[1])), **changes}).encode()
    with pytest.raises(Unusable, match="shape"):
        read_event(line)


def test_a_packed_file_is_what_gunzip_reads(tmp_path: Path) -> None:
    write(tmp_path / "log.gz", *EVENTS)
    write(tmp_path / "log", *EVENTS)
    assert gzip.decompress((tmp_path / "log.gz").read_bytes()) == (tmp_path / "log").read_bytes()
