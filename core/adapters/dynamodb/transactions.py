"""Conditional writes: of one item, or of several, all or nothing.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import random
from typing import Any, Final

from core.adapters.dynamodb.client import DynamoDb, ServiceError
from core.adapters.dynamodb.errors import TROUBLES, store_errors, unavailable
from core.adapters.dynamodb.items import Item
from core.adapters.dynamodb.shapes import Malformed
from core.ports.clock import Sleep

MAX_TRANSACTION_ITEMS: Final = 100
MAX_TRANSACTION_BYTES: Final = 4_000_000
"""AWS's limits for one transaction: 100 items, 4 MB."""

MAX_ATTEMPTS: Final = 6
_FIRST_PAUSE_SECONDS: Final = 0.02

_ACTIONS: Final = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
_CONDITION: Final = "ConditionalCheckFailed"
_CONFLICT: Final = "TransactionConflict"
_THROTTLED: Final = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
_INVALID: Final = "ValidationError"
_TOO_LARGE: Final = "Item size"

Operation = dict[str, dict[str, Any]]
"""What is done to one item: ``{"Put": {...}}``, ``Update``, ``Delete`` or ``ConditionCheck``."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation whose condition does not hold.

    ``item`` is the present one, empty when there is none.
    """

    item: Item


class ConditionsFailed(Exception):
    """Conditions of a transaction do not hold. Nothing was written.

    ``failures`` has one for each operation, None where its own condition holds.
    """

    def __init__(self, failures: Sequence[Failure | None]) -> None:
        super().__init__("the conditions of a transaction do not hold")
        self.failures = failures


class ItemTooLarge(Exception):
    """An item is larger than DynamoDB can store. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to one table. ``sleep`` is for the pauses after conflicts."""

    client: DynamoDb
    table: str
    sleep: Sleep

    def write(self, operations: Sequence[Operation]) -> Item:
        """Write all of ``operations`` or none, in one request: a transaction, unless it is one.

        Return the attributes that a lone operation asks for by ``ReturnValues``.

        Costs 1 write unit for each KB of an item, 2 in a transaction. When it conflicts with
        another transaction, or a transaction is throttled, which the client does not send again by
        itself, it is sent at most ``MAX_ATTEMPTS`` times. Raises ConditionsFailed, ItemTooLarge or
        StoreUnavailable.

        The client sends a ClientRequestToken of its own with each transaction, so its own retries
        write once. This method adds none: the conditions recognise a repeat after any time, the
        token within ten minutes only.
        """
        action = _action(operations)
        passing = _CONFLICT
        for attempt in range(1, MAX_ATTEMPTS + 1):
            found = self._try_write(action, operations)
            if not isinstance(found, str):
                return found
            passing = found
            if attempt < MAX_ATTEMPTS:
                self.sleep(random() * _FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311 - jitter, not a secret
        raise unavailable(self.table, action, passing)

    def _try_write(self, action: str, operations: Sequence[Operation]) -> Item | str:
        """Write; return what was asked for, or the code of what has prevented it and passes."""
        with store_errors(self.table, action):
            try:
                match action:
                    case "PutItem":
                        response = self.client.put_item(**operations[0]["Put"])
                    case "UpdateItem":
                        response = self.client.update_item(**operations[0]["Update"])
                    case "DeleteItem":
                        response = self.client.delete_item(**operations[0]["Delete"])
                    case _:
                        response = self.client.transact_write_items(TransactItems=operations)
            except ServiceError as error:
                return self._explain(error, len(operations))
            attributes: Item = response.get("Attributes", {})
        return attributes

    def _explain(self, error: ServiceError, operations: int) -> str:
        match error.code:
            case "ConditionalCheckFailedException":
                raise ConditionsFailed([Failure(_item(error.content))]) from error
            case "TransactionConflictException":
                return _CONFLICT
            case "ValidationException" if _TOO_LARGE in str(error):
                raise ItemTooLarge(str(error)) from error
            case "TransactionCanceledException":
                return self._explain_reasons(error, operations)
            case _:
                raise error

    def _explain_reasons(self, error: ServiceError, operations: int) -> str:
        reasons: Any = error.content["CancellationReasons"]
        if len(reasons) != operations:
            raise Malformed(f"{len(reasons)} CancellationReasons for {operations} operations")
        codes: list[str] = [reason["Code"] for reason in reasons]
        # While another transaction holds an item, it is not known which of the conditions would
        # hold.
        if _CONFLICT in codes:
            return _CONFLICT
        if _CONDITION in codes:
            raise ConditionsFailed(
                [
                    Failure(_item(reason)) if code == _CONDITION else None
                    for code, reason in zip(codes, reasons, strict=True)
                ]
            ) from error
        if any(
            reason["Code"] == _INVALID and _TOO_LARGE in reason.get("Message", "")
            for reason in reasons
        ):
            raise ItemTooLarge(str(error)) from error
        for code in codes:
            if code in _THROTTLED:
                return code
            if code in TROUBLES:
                raise unavailable(self.table, "TransactWriteItems", code) from error
        raise error


def _action(operations: Sequence[Operation]) -> str:
    (first, *_), *others = operations
    return "TransactWriteItems" if others else _ACTIONS.get(first, "TransactWriteItems")


def _item(response: Any) -> Item:
    item: Item = response.get("Item", {})
    return item
