"""An EventBridge bus.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from core.ports.json_text import compact_json
from core.ports.messages import BusUnavailable, CloudEvent, Refused

MAX_ENTRIES: Final = 10

MAX_BYTES: Final = 262_144 - 1
"""Of all entries of a request together, as EventBridge counts them."""

_TIME_BYTES: Final = 14

FINAL: Final = frozenset({"InvalidArgument", "MalformedDetail", "ValidationException"})
"""Errors that the same entry causes each time. Whatever else fails may pass, or be mended."""


@dataclass(frozen=True, slots=True)
class EventBridgeBus:
    """The bus ``name``, by a boto3 client of EventBridge.

    An entry's detail is a whole CloudEvent, its detail type the CloudEvent's type, and its source
    ``sender``.
    """

    client: Any
    name: str
    sender: str

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        """Return how many of ``messages``, from the first on, fit into a request (``Bus``)."""
        sizes = accumulate(_bytes(self._entry(each)) for each in messages[:MAX_ENTRIES])
        return max(sum(size <= MAX_BYTES for size in sizes), 1)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        """Send messages and return what was refused (``Bus``)."""
        entries = [self._entry(each) for each in messages]
        if len(entries) == 1 and (size := _bytes(entries[0])) > MAX_BYTES:
            return [Refused(f"its {size} bytes are more than an event bus takes", is_final=True)]
        try:
            results = self.client.put_events(Entries=entries)["Entries"]
        except ClientError as error:
            reason = error.response.get("Error", {})
            if reason.get("Code") not in FINAL:
                raise BusUnavailable(str(error)) from error
            # It names no entry, so each is tried alone.
            if len(messages) > 1:
                return [outcome for each in messages for outcome in self.send([each])]
            return [Refused(str(error), is_final=True)]
        except BotoCoreError as error:
            raise BusUnavailable(str(error)) from error
        if len(results) != len(entries):
            raise BusUnavailable("the response does not have every entry")
        return [_refused(result) for result in results]

    def _entry(self, message: CloudEvent) -> dict[str, Any]:
        return {
            "EventBusName": self.name,
            "Source": self.sender,
            "DetailType": message["type"],
            "Detail": compact_json(message),
            "Time": datetime.fromisoformat(message["time"]),
        }


def _refused(result: dict[str, Any]) -> Refused | None:
    code = result.get("ErrorCode")
    if code is None:
        return None
    return Refused(f"{code}: {result.get('ErrorMessage', '')}", is_final=code in FINAL)


def _bytes(entry: dict[str, Any]) -> int:
    """Return the size of an entry.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
    """
    texts = (entry["Source"], entry["DetailType"], entry["Detail"])
    return _TIME_BYTES + sum(len(text.encode()) for text in texts)
