"""An event source mapping for a laptop: invokes a handler with a stream's records as Lambda does.

It keeps the rules that a handler can notice
(https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html) under the settings of
terraform/projector_override.tf. An invocation that raises is a batch that failed. After a partial
failure it continues at the lowest sequence number that failed. What failed is tried again, without
a limit of attempts, until it succeeds or is older than ``MAX_RECORD_AGE_SECONDS``.

Three things differ from Lambda. A batch whose invocation raises is tried again whole, where Lambda
halves it. A record that is too old is tried once before it is given up: a reader begins at the
oldest record whenever it starts, and most of those have been projected before. And there is one
batch at a time, in one shard at a time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

Record = Mapping[str, Any]

MAX_RECORD_AGE_SECONDS: Final = 82_800
"""As in terraform/variables-projector.tf: 23 of the 24 hours for which a stream keeps a record."""


class Handler(Protocol):
    """A Lambda function on a stream that reports failed records (ReportBatchItemFailures)."""

    def __call__(self, event: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Return ``{"batchItemFailures": [{"itemIdentifier": sequence number}]}``.

        May raise anything; then no record of the batch counts as handled.
        """


class Pause(Protocol):
    """Waits before something is tried again."""

    def __call__(self, attempts: int, /) -> bool:
        """Wait after ``attempts`` that failed in a row; return False to end instead."""


def deliver(
    records: Sequence[Record],
    handler: Handler,
    give_up: Callable[[Record], None],
    pause: Pause,
    clock: Callable[[], float],
) -> bool:
    """Pass ``records`` of one shard to ``handler`` until each has succeeded or was given up.

    Return False if ``pause`` ended it before. ``clock`` returns the seconds since 1970.
    """
    attempts = 0
    while records:
        passed = _passed(records, handler)
        attempts = 1 if passed else attempts + 1
        records = records[passed:]
        if records and _is_too_old(records[0], clock()):
            give_up(records[0])
            records, attempts = records[1:], 0
        elif records and not pause(attempts):
            return False
    return True


def _passed(records: Sequence[Record], handler: Handler) -> int:
    """Return how many of ``records``, counted from the first, were handled."""
    try:
        response = handler({"Records": list(records)})
    except Exception:  # noqa: BLE001 - whatever a function raises, Lambda tries the batch again
        return 0
    reported = [failure["itemIdentifier"] for failure in response.get("batchItemFailures", [])]
    numbers = [sequence_number(record) for record in records]
    # To Lambda, a failure of no record in the batch is a failure of the whole batch.
    positions = [numbers.index(number) if number in numbers else 0 for number in reported]
    return min(positions, default=len(records))


def sequence_number(record: Record) -> str:
    """Return the position of a record in its shard."""
    return str(record["dynamodb"]["SequenceNumber"])


def _is_too_old(record: Record, now: float) -> bool:
    created: float = record["dynamodb"]["ApproximateCreationDateTime"]
    return now - created > MAX_RECORD_AGE_SECONDS
