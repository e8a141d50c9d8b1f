"""The AsyncAPI 3.0 document of a domain's public messages. Pure.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from apps.openapi.example import AnyDomain
from apps.openapi.schemas import ID, INSTANT, TEXT, VERSION, Schema, message_schemas, ref
from core.application.messages import Origin, cloud_event
from core.ports.events import Envelope
from core.ports.messages import CloudEvent, Message

CONTENT_TYPE: Final = "application/cloudevents+json"

Json = dict[str, Any]


class About(NamedTuple):
    """What the document says of the messages."""

    title: str
    version: str
    description: str


def document(
    domain: AnyDomain, example: Sequence[Envelope[Any]], origin: Origin, about: About
) -> Json:
    """Return the document of a domain's messages; ``example`` has the events of the examples.

    All messages are on one channel. Its address is that of a bus, which each environment has.
    """
    messages = domain.public_language().messages if domain.public_language else []
    examples = {each["type"]: each for each in _examples(domain, example, origin)}
    channel = domain.collection.rpartition("/")[2]
    names = [message.type for message in messages]
    of_channel = {"$ref": f"#/channels/{channel}"}
    return {
        "asyncapi": "3.0.0",
        "info": about._asdict(),
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            channel: {
                "address": None,
                "description": f"What happens to {channel}. The address is the bus of an"
                " environment.",
                "messages": {name: ref(name, "messages") for name in names},
            }
        },
        "operations": {
            "send": {
                "action": "send",
                "channel": of_channel,
                "description": f"The service tells what has happened to {channel}.",
                "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
            }
        },
        "components": {
            "messages": {
                message.type: _message(message, origin, examples.get(message.type))
                for message in messages
            },
            "schemas": _schemas(messages),
        },
    }


def _message(message: Message[Any, Any], origin: Origin, example: CloudEvent | None) -> Json:
    data, _ = message_schemas(message)
    shown = {"examples": [{"name": "example", "payload": dict(example)}]} if example else {}
    return {
        "name": message.type,
        "summary": data.get("description", message.type),
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": _payload(message, origin),
        **shown,
    }


def _payload(message: Message[Any, Any], origin: Origin) -> Schema:
    properties: Mapping[str, Schema] = {
        "specversion": {"const": "1.0"},
        "id": {**TEXT, "description": "The same each time that the message comes."},
        "source": {**TEXT, "format": "uri-reference", "examples": [origin.source]},
        "type": {"const": message.type},
        "subject": {**ID, "description": "What the message is about."},
        "time": {**INSTANT, "description": "When it happened."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": f"{origin.schemas}{message.type}"},
        "streamversion": {
            **VERSION,
            "description": "Orders the messages of a subject. There may be gaps.",
        },
        "correlationid": {**TEXT, "description": "Shared by all that one request caused."},
        "data": ref(_data_name(message)),
    }
    return {"type": "object", "properties": dict(properties), "required": [*properties]}


def _data_name(message: Message[Any, Any]) -> str:
    return message.data.__name__


def _schemas(messages: Iterable[Message[Any, Any]]) -> dict[str, Schema]:
    schemas: dict[str, Schema] = {}
    for message in messages:
        data, parts = message_schemas(message)
        for name, schema in {_data_name(message): data, **parts}.items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two different records have the name {name}: rename a class")
    return dict(sorted(schemas.items()))


def _examples(
    domain: AnyDomain, events: Sequence[Envelope[Any]], origin: Origin
) -> Iterable[CloudEvent]:
    language = domain.public_language() if domain.public_language else None
    for number, envelope in enumerate(events, 1):
        state = domain.fold(events[:number])
        for message in language.messages_of(envelope.event) if language else ():
            yield cloud_event(envelope, message, state, origin)
