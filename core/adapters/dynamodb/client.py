"""DynamoDB as the adapters use it: its operations, and how a call of one fails."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Response = Mapping[str, Any]

Call = Callable[[str, Mapping[str, Any]], Response]
"""Does an operation with its parameters and returns the response, all as DynamoDB's API has them.

What is not a whole, valid response, it retries as a lost one. Raises ServiceError, NoResponse,
NoCredentials, or Malformed when the last response was not whole (``responses``).
"""

CONNECT_TIMEOUT_SECONDS: Final = 1.0

READ_TIMEOUT_SECONDS: Final = 3.0
"""For a response: more than one second, as AWS advises where transactions are used."""

MAX_ATTEMPTS: Final = 3
"""How often a request is sent: a call takes about 14 seconds at worst, less than API Gateway's
30."""

MAX_CONNECTIONS: Final = 32
"""How many connections a process keeps open."""


@dataclass(frozen=True, slots=True)
class DynamoDb:
    """The operations that the adapters use, for all threads of a process. ``call`` does them.

    The arguments are the parameters of DynamoDB's API.
    """

    call: Call

    def get_item(self, **parameters: Any) -> Response:
        return self.call("GetItem", parameters)

    def batch_get_item(self, **parameters: Any) -> Response:
        return self.call("BatchGetItem", parameters)

    def query(self, **parameters: Any) -> Response:
        return self.call("Query", parameters)

    def scan(self, **parameters: Any) -> Response:
        return self.call("Scan", parameters)

    def put_item(self, **parameters: Any) -> Response:
        return self.call("PutItem", parameters)

    def update_item(self, **parameters: Any) -> Response:
        return self.call("UpdateItem", parameters)

    def delete_item(self, **parameters: Any) -> Response:
        return self.call("DeleteItem", parameters)

    def batch_write_item(self, **parameters: Any) -> Response:
        return self.call("BatchWriteItem", parameters)

    def transact_write_items(self, **parameters: Any) -> Response:
        """Do all operations or none.

        A call without a ClientRequestToken gets one, which its retries share: they write once.
        """
        return self.call("TransactWriteItems", parameters)


class ServiceError(Exception):
    """DynamoDB has responded with an error.

    ``content`` is the response: some errors have members beside ``code`` and ``message``.
    """

    def __init__(
        self, operation: str, code: str, message: str, status: int, content: Response
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.code = code
        self.status = status
        self.content = content


class NoResponse(Exception):
    """No response was received. Whether the request was carried out is not known."""


class NoCredentials(Exception):
    """There are no credentials to sign a request with. Nothing was sent."""
