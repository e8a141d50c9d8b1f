"""The errors that the model of DynamoDB responds with."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.adapters.dynamodb.client import ServiceError


def service_error(code: str, message: str, status: int = 400, **more: Any) -> ServiceError:
    """Return an error that DynamoDB responds with."""
    return ServiceError("Model", code, message, status, more)


def cancelled(reasons: Sequence[Mapping[str, Any]]) -> ServiceError:
    """Return the error of a transaction of which an operation has a reason not to be done."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return service_error(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=list(reasons),
    )


def invalid(message: str) -> ServiceError:
    """Return the error of a request that is not valid."""
    return service_error("ValidationException", message)
