"""The stored forms of the books' events: whatever was written is recorded and stays readable.

``stored_events/`` has a file for each schema version of each event, ``NAME-VERSION.json``: an
example of its ``data`` and, as far as it was recorded while the version was the newest, the JSON
Schema of the event's class. A file is never changed once a release has written its version.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from pydantic import TypeAdapter

from apps.openapi.schemas import without_texts
from core.domain.events import EVENTS, BookEvent

FOLDER = Path(__file__).parent / "stored_events"


class Recorded(NamedTuple):
    """A stored form."""

    name: str
    version: int
    data: dict[str, Any]
    schema: dict[str, Any] | None

    def event(self) -> BookEvent:
        event = EVENTS.decode(self.name, self.version, self.data)
        assert EVENTS.owns(event)
        return event


def recorded(path: Path) -> Recorded:
    name, _, version = path.stem.partition("-")
    content = json.loads(path.read_text())
    return Recorded(name, int(version), content["data"], content.get("schema"))


RECORDED = sorted(map(recorded, FOLDER.glob("*.json")), key=lambda r: (r.name, r.version))
NEWEST = {r.name: r for r in RECORDED}


def test_every_event_has_a_recorded_form() -> None:
    missing = set(get_args(BookEvent)) - {type(r.event()) for r in RECORDED}
    assert not missing, f"Record an example of each in {FOLDER.name}/NAME-1.json: {missing}"


@pytest.mark.parametrize("form", RECORDED, ids=lambda r: f"{r.name}-{r.version}")
def test_a_recorded_form_still_decodes(form: Recorded) -> None:
    assert type(form.event()) is type(NEWEST[form.name].event())


@pytest.mark.parametrize("newest", NEWEST.values(), ids=NEWEST)
def test_every_schema_version_is_recorded(newest: Recorded) -> None:
    written = EVENTS.encode(newest.event())
    versions = [r.version for r in RECORDED if r.name == newest.name]
    assert written.type == newest.name
    assert versions == list(range(1, written.schema_version + 1)), (
        f"Record an example and the JSON Schema of the version that is written now in"
        f" {FOLDER.name}/{newest.name}-{written.schema_version}.json."
    )


@pytest.mark.parametrize("newest", NEWEST.values(), ids=NEWEST)
def test_a_stored_form_changes_only_with_its_schema_version(newest: Recorded) -> None:
    event = newest.event()
    # Without what follows names and docstrings.
    schema = without_texts(TypeAdapter(type(event)).json_schema(), "title", "description")
    data = EVENTS.encode(event).data
    assert (schema, data) == (newest.schema, newest.data), (
        f"{newest.name} is no longer stored as version {newest.version} was recorded."
        f" Append the upcaster from version {newest.version} to its EventType in"
        f" core/domain/events.py, leave {newest.name}-{newest.version}.json as it is,"
        f" and record {newest.name}-{newest.version + 1}.json with this schema:\n"
        + json.dumps(schema)
    )
