"""The queue of events of which a message could not be sent.

A letter names the event, and not a record of the stream: the event store has it for ever.
"""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core.ports.events import Envelope, Unreadable
from core.ports.json_text import compact_json
from core.ports.messages import BusUnavailable


@dataclass(frozen=True, slots=True)
class SqsLetters:
    """The queue at ``url``, by a boto3 client of SQS."""

    client: Any
    url: str

    def set_aside(self, logged: Envelope[Any] | Unreadable, reason: str) -> None:
        """Send a letter about an event (``publishing.SetAside``)."""
        letter = {"stream": logged.stream, "version": logged.version, "reason": reason}
        try:
            self.client.send_message(QueueUrl=self.url, MessageBody=compact_json(letter))
        except (BotoCoreError, ClientError) as error:
            raise BusUnavailable(str(error)) from error
