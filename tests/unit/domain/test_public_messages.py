"""The public messages: what was promised to subscribers is recorded, and is kept.

``public_messages/`` has a file for each type of message, ``TYPE.json``: stored events, the data of
the last one's message, and the JSON Schema of that data when the type was first sent. A file is
never changed once a release has sent its type.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from apps.openapi.schemas import message_schemas, without_texts
from core.domain.manifest import BOOKS
from core.ports.events import Envelope
from core.ports.messages import Message
from core.ports.records import shown_data
from make.openapi.schemas import Direction, problems, without_references
from tests.support.book_sample import BOOK_SAMPLE

FOLDER = Path(__file__).parent / "public_messages"

assert BOOKS.public_language is not None
LANGUAGE = BOOKS.public_language()
MESSAGES = {message.type: message for message in LANGUAGE.messages}
OF_THE_CALLER = {"actor", "command_id", "fingerprint", "idempotency_key", "causation_id"}


class Recorded(NamedTuple):
    """What was promised of a type."""

    events: list[Envelope[Any]]
    data: dict[str, Any]
    schema: dict[str, Any]


def recorded(path: Path) -> Recorded:
    content = json.loads(path.read_text())
    events = [
        BOOK_SAMPLE.envelope("a", version, _decoded(**stored))
        for version, stored in enumerate(content["events"], 1)
    ]
    return Recorded(events, content["data"], content["schema"])


def _decoded(type: str, schema_version: int, data: dict[str, Any]) -> Any:  # noqa: A002
    return BOOKS.events.decode(type, schema_version, data)


RECORDED = {path.stem: recorded(path) for path in FOLDER.glob("*.json")}


def schema_of(message: Message[Any, Any]) -> dict[str, Any]:
    """Return the whole JSON Schema of a message's data, without prose."""
    data, parts = message_schemas(message)
    whole: dict[str, Any] = without_references(data, {"components": {"schemas": parts}})
    without: dict[str, Any] = without_texts(whole, "description")
    return without


def test_every_type_is_recorded_and_still_sent() -> None:
    missing = {name: json.dumps(schema_of(MESSAGES[name])) for name in MESSAGES.keys() - RECORDED}
    assert not missing, (
        f"Record events and the data of each in {FOLDER.name}/TYPE.json, with its schema: {missing}"
    )
    assert RECORDED.keys() <= MESSAGES.keys(), (
        "A type is no longer declared in core/domain/messages.py. Once no subscriber needs it, and"
        " they all said so, delete its file too."
    )


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_type_keeps_what_was_promised(name: str) -> None:
    broken = problems(schema_of(MESSAGES[name]), RECORDED[name].schema, Direction.RESPONSE)
    assert broken == [], (
        f"This breaks subscribers of {name}. Leave it as it is, and declare its next version"
        " beside it in core/domain/messages.py."
    )


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_the_same_events_cause_the_same_data(name: str) -> None:
    events, promised, _ = RECORDED[name]
    [message] = [m for m in LANGUAGE.messages_of(events[-1].event) if m.type == name]
    event = events[-1].event
    assert BOOKS.events.owns(event)
    data = shown_data(message.of(event, BOOKS.fold(events)))
    assert lacking(promised, data) == []


def lacking(promised: Any, sent: Any, at: str = "") -> list[str]:
    """Return where ``sent`` is not as promised; what was not promised may be there too."""
    if isinstance(promised, dict) and isinstance(sent, dict):
        parts = ((n, part, sent.get(n, "nothing")) for n, part in promised.items())
        return [found for n, part, there in parts for found in lacking(part, there, f"{at}/{n}")]
    return [] if promised == sent else [f"{at} is {sent!r}, not {promised!r}"]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_says_nothing_of_the_caller(name: str) -> None:
    def names(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return {found for part in schema for found in names(part)}
        if not isinstance(schema, dict):
            return set()
        inner = {found for part in schema.values() for found in names(part)}
        return inner | set(schema.get("properties", {}))

    assert names(schema_of(MESSAGES[name])) & OF_THE_CALLER == set()


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        ({"required": []}, "required"),
        ({"properties": {}}, "no longer there"),
    ],
)
def test_a_breaking_change_is_found(spoil: dict[str, Any], problem: str) -> None:
    [schema] = [r.schema for name, r in RECORDED.items() if r.schema.get("required")][:1]
    found = problems({**schema, **spoil}, schema, Direction.RESPONSE)
    assert any(problem in each for each in found)
