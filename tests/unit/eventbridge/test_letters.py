"""Letters about events that could not be sent."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from core.adapters.eventbridge.letters import SqsLetters
from core.ports.events import Unreadable
from core.ports.messages import BusUnavailable

EVENT = Unreadable("a", 3, "of a newer version")


def test_a_letter_names_the_event_and_the_reason() -> None:
    class Sqs:
        def send_message(self, **sent: Any) -> None:
            assert sent["QueueUrl"] == "https://queue.test"
            letter = json.loads(sent["MessageBody"])
            assert letter == {"stream": "a", "version": 3, "reason": "too large"}

    SqsLetters(Sqs(), "https://queue.test").set_aside(EVENT, "too large")


def test_a_queue_that_does_not_respond_is_an_outage() -> None:
    class Sqs:
        def send_message(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://queue.test")

    with pytest.raises(BusUnavailable):
        SqsLetters(Sqs(), "https://queue.test").set_aside(EVENT, "too large")
