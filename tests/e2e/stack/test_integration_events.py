"""Messages of events, from the table to a subscriber's queue (see ``test_stack.py``)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from core.adapters.dynamodb.envelopes import item_from_envelope
from core.domain.manifest import BOOKS
from tests.e2e.stack.deployed import Stack, awaited
from tests.support.books import envelope

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]


def test_a_subscriber_gets_the_messages_of_a_book_in_order(stack: Stack) -> None:
    with subscribed(stack) as queue:
        book = stack.add(title="Emma")
        stack.revise(book, if_match=1, title="Émma")
        stack.remove(book)
        messages = awaited_messages(stack, queue, book, count=3)
    names = [message["type"].rpartition(".")[0].rpartition("-")[2] for message in messages]
    assert names == ["added", "revised", "removed"]
    assert [message["streamversion"] for message in messages] == [1, 2, 3]
    assert messages[1]["data"][BOOKS.noun]["title"] == "Émma"
    assert "actor" not in json.dumps(messages)


def test_an_event_that_cannot_be_sent_is_set_aside_alone_and_sent_by_a_redrive(
    stack: Stack,
) -> None:
    tables, dynamodb = stack.deployment.output("tables"), stack.client("dynamodb")
    item = item_from_envelope(envelope(str(uuid4()), 1), BOOKS.events)
    stream = item["stream"]["S"]
    newer = {**item, "schema_version": {"N": "99"}}
    with subscribed(stack) as queue:
        dynamodb.put_item(TableName=tables["events"], Item=newer)
        after = stack.add(title="After")
        assert len(awaited_messages(stack, queue, after, count=1)) == 1
        letter = {"stream": stream, "version": 1}
        letters = awaited(lambda: failures(stack), lambda found: letter in found)
        assert letter in letters

        # As if a version of the code that reads it were deployed.
        dynamodb.put_item(TableName=tables["events"], Item=item)
        output = stack.deployment.make(
            "redrive",
            "STORE=dynamodb",
            f"QUEUE_URL={queue_url(stack)}",
            f"EVENTS_TABLE={tables['events']}",
            f"CATALOGUE_TABLE={tables['catalogue']}",
            f"EVENT_BUS={stack.deployment.output('event_bus')}",
            "DISCARD=1",  # other tests' events, which nothing can read
        )
        assert "Messages redriven: 1, records handled: 1." in output
        [message] = awaited_messages(stack, queue, stream, count=1)
        assert message["streamversion"] == 1
    assert failures(stack) == []


@contextmanager
def subscribed(stack: Stack) -> Iterator[str]:
    """Subscribe a queue to all messages, and yield its URL."""
    events, sqs = stack.client("events"), stack.client("sqs")
    bus, name = stack.deployment.output("event_bus"), f"subscriber-{uuid4()}"
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = json.dumps({"detail": {"specversion": ["1.0"]}})
    events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
    target = {"Id": "queue", "Arn": attributes["QueueArn"]}
    events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
    try:
        yield url
    finally:
        events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
        events.delete_rule(Name=name, EventBusName=bus)
        sqs.delete_queue(QueueUrl=url)


def awaited_messages(stack: Stack, queue: str, subject: str, count: int) -> list[Any]:
    """Return the messages about ``subject``, once there are ``count``, by their time of arrival."""
    found: list[Any] = []

    def receive() -> list[Any]:
        received = stack.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        details = [json.loads(each["Body"])["detail"] for each in received.get("Messages", [])]
        found.extend(detail for detail in details if detail["subject"] == subject)
        return found

    awaited(receive, lambda messages: len(messages) >= count)
    return list({message["id"]: message for message in found}.values())


def queue_url(stack: Stack) -> str:
    name = stack.deployment.output("publisher_dead_letter_queue_url").rpartition("/")[2]
    return str(stack.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def failures(stack: Stack) -> list[Any]:
    """Return the events that letters in the publisher's queue name; they can be received again."""
    sqs, url = stack.client("sqs"), queue_url(stack)
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    bodies = [json.loads(message["Body"]) for message in received.get("Messages", [])]
    return [{name: body[name] for name in ("stream", "version")} for body in bodies]
