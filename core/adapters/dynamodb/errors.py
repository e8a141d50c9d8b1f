"""From DynamoDB's errors to those of the ports: one table, tested row by row.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Final

from core.adapters.dynamodb.client import NoCredentials, NoResponse, ServiceError
from core.adapters.dynamodb.shapes import Malformed
from core.ports.errors import StoreUnavailable

THROTTLED_RETRY_AFTER: Final = 5
"""Seconds. An on-demand table adapts to more traffic than before within minutes."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a store is unavailable and what to do; ``retry_after`` is in seconds."""

    advice: str
    retry_after: int = 1


_NO_TABLE = Trouble(
    "the table does not exist: create it (terraform/dynamodb.tf), "
    "or name another in the environment",
    60,
)
_DENIED = Trouble(
    "the caller is not allowed to do this: allow the action on the table in the role's policy", 60
)
_BAD_CREDENTIALS = Trouble(
    "the credentials are not valid: renew them, and check the machine's clock", 60
)
_NO_CREDENTIALS = Trouble(
    "no credentials were found: give the process a role, or set AWS_ACCESS_KEY_ID", 60
)
_THROTTLED = Trouble(
    "throttled: more requests than the table, a partition or the account allows",
    THROTTLED_RETRY_AFTER,
)
_CONFLICT = Trouble("another transaction holds one of the items")
_FAULT = Trouble("DynamoDB has an internal error")
_UNREACHABLE = Trouble("no response: check the network, the region and DYNAMODB_ENDPOINT")
_NOT_WHOLE = Trouble(
    "not a whole, valid response of DynamoDB: check the proxies on the way, and DYNAMODB_ENDPOINT"
)

TROUBLES: Final[dict[str, Trouble]] = {
    "ResourceNotFoundException": _NO_TABLE,
    "AccessDeniedException": _DENIED,
    "UnrecognizedClientException": _BAD_CREDENTIALS,
    "InvalidSignatureException": _BAD_CREDENTIALS,
    "IncompleteSignatureException": _BAD_CREDENTIALS,
    "MissingAuthenticationTokenException": _BAD_CREDENTIALS,
    "ExpiredTokenException": _BAD_CREDENTIALS,
    "ProvisionedThroughputExceededException": _THROTTLED,
    "ProvisionedThroughputExceeded": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "ThrottlingError": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "TransactionConflictException": _CONFLICT,
    "TransactionConflict": _CONFLICT,
    "TransactionInProgressException": _CONFLICT,
    "InternalServerError": _FAULT,
    "ServiceUnavailable": _FAULT,
}
"""By error code, and by the code of a cancelled transaction's reason where that has one of its own.

A code that is not here is a bug in this program (a request that DynamoDB finds invalid) and passes
as it is.
"""


def unavailable(table: str, action: str, code: str) -> StoreUnavailable:
    """Return the error for a ``code`` of ``TROUBLES``, which says what to do."""
    trouble = TROUBLES[code]
    return StoreUnavailable(
        f"table {table}: {action}: {code}: {trouble.advice}", trouble.retry_after
    )


def store_errors(table: str, action: str) -> "_StoreErrors":
    """Raise StoreUnavailable for what AWS or the network is the cause of.

    That is an error in ``TROUBLES``, any 5xx response, a malformed one, and no response. What is
    read from a response is read within this block, as its shape may be wrong too.
    """
    return _StoreErrors(table, action)


class _StoreErrors:
    # A class, as every request of a store enters some: a generator takes three times as long.
    def __init__(self, table: str, action: str) -> None:
        self._table = table
        self._action = action

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        _: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            return
        table, action = self._table, self._action
        match error:
            case ServiceError(code=code) if code in TROUBLES:
                raise unavailable(table, action, code) from error
            case ServiceError(status=status) if status >= 500:
                raise _of(table, action, error, _FAULT) from error
            case NoCredentials():
                raise _of(table, action, error, _NO_CREDENTIALS) from error
            case NoResponse():
                raise _of(table, action, error, _UNREACHABLE) from error
            case Malformed():
                raise _of(table, action, error, _NOT_WHOLE) from error


def _of(table: str, action: str, error: Exception, trouble: Trouble) -> StoreUnavailable:
    return StoreUnavailable(
        f"table {table}: {action}: {type(error).__name__}: {trouble.advice} ({error})",
        trouble.retry_after,
    )
