"""An SQS queue whose messages are held while something is done with them."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

WAIT_SECONDS: Final = 2
"""For a message: with any wait SQS asks all of its servers, so that no message is missed."""

HOLD_SECONDS: Final = 300
"""How long nobody else gets a message that was received: more than its records take. A message that
a killed process held comes back after that."""


class Message(NamedTuple):
    """A message that was received, and the handle by which it is deleted or released."""

    id: str
    body: str
    handle: str


@dataclass(frozen=True, slots=True)
class SqsQueue:
    """The queue at ``url``, by a boto3 client of SQS. Every method raises what that raises."""

    client: Any
    url: str

    def receive(self) -> Message | None:
        """Return a message that nobody holds, and hold it; None when there is none."""
        received = self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=WAIT_SECONDS,
            VisibilityTimeout=HOLD_SECONDS,
        )
        for each in received.get("Messages", []):
            return Message(each["MessageId"], each["Body"], each["ReceiptHandle"])
        return None

    def delete(self, message: Message) -> None:
        """Delete a message that is held."""
        self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message.handle)

    def release(self, message: Message) -> None:
        """Let a message that is held be received again at once."""
        self.client.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=message.handle, VisibilityTimeout=0
        )
