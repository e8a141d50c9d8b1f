"""The subscriber of docs/how-to/integration-events.md, run as it stands."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.memory.event_store import MemoryEventStore
from core.application.messages import Origin, Translator
from core.domain.manifest import BOOKS
from core.ports.messages import CloudEvent
from core.ports.records import shown_data
from tests.support.book_sample import BOOK_SAMPLE
from tests.support.services import ROOT

PAGE = ROOT / "docs" / "how-to" / "integration-events.md"
[PROGRAM, *_] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def subscriber() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "subscriber"}
    exec(compile(PROGRAM, PAGE.name, "exec"), names)
    return names


def messages() -> list[CloudEvent]:
    """Return the messages of two streams, one of which has ended."""
    store: MemoryEventStore[Any] = MemoryEventStore()
    kept = BOOK_SAMPLE.history("kept", 1, 3)
    ended = [
        *BOOK_SAMPLE.history("ended", 1, 2),
        BOOK_SAMPLE.envelope("ended", 3, BOOK_SAMPLE.last),
    ]
    for event in [*kept, *ended]:
        store.append(event.stream, event.version - 1, [event])
    make = Translator(BOOKS, store, Origin("/v1", "urn:a:"))
    return [message for event in [*kept, *ended] for message in make.messages(event)]


MESSAGES = messages()


def copies(copy: Any) -> dict[str, tuple[int, Any]]:
    rows = copy.execute("SELECT * FROM copies").fetchall()
    return {subject: (version, text and json.loads(text)) for subject, version, text in rows}


@settings(suppress_health_check=[HealthCheck.differing_executors])
@given(st.permutations(MESSAGES), st.lists(st.sampled_from(MESSAGES)), st.data())
def test_the_copy_is_right_whatever_the_order_and_however_often_a_message_comes(
    shuffled: list[CloudEvent], again: list[CloudEvent], data: st.DataObject
) -> None:
    names = subscriber()
    copy = names["opened"](":memory:")
    coming = data.draw(st.permutations([*shuffled, *again]))
    new = [names["take"](copy, message) for message in coming]
    assert sum(new) == len(MESSAGES)
    details = shown_data(BOOK_SAMPLE.details_at(3))
    assert copies(copy) == {"kept": (3, details), "ended": (3, None)}
    copy.close()


def test_a_message_that_fails_half_way_is_taken_when_it_comes_again() -> None:
    names = subscriber()
    copy = names["opened"](":memory:")
    broken = {**MESSAGES[0], "data": None}
    with pytest.raises(AttributeError):
        names["take"](copy, broken)
    assert names["take"](copy, MESSAGES[0])


def test_it_runs_on_the_lines_of_the_feed(tmp_path: Path) -> None:
    program = tmp_path / "subscriber.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "copy.db")],
        input="".join(f"{json.dumps(message)}\n" for message in MESSAGES),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{len(MESSAGES)} new messages\n"
