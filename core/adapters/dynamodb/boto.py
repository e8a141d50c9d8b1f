"""DynamoDB through boto3, which finds credentials, regions and endpoints in every way of AWS's.

Its import and the making of a client take about 0.15 s.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from core.adapters.dynamodb.client import (
    CONNECT_TIMEOUT_SECONDS,
    MAX_ATTEMPTS,
    MAX_CONNECTIONS,
    READ_TIMEOUT_SECONDS,
    DynamoDb,
    NoCredentials,
    NoResponse,
    Response,
    ServiceError,
)
from core.adapters.dynamodb.responses import content_of
from core.adapters.dynamodb.shapes import Malformed
from core.ports.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MALFORMED: Final = "MalformedResponse"
"""The code, none of DynamoDB's, of a response that is not a whole, valid one."""

_READS: Final = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})


def new_boto3_client(
    endpoint: str | None = None, connections: int = MAX_CONNECTIONS
) -> "DynamoDBClient":
    """Return a client of boto3's that retries what is not a whole response of DynamoDB.

    Region and credentials come from AWS's own environment. ``endpoint`` is the URL of a DynamoDB
    other than the region's own; at most ``connections`` are kept open. Raises StoreUnavailable when
    no region is set.

    Retry mode "standard": backoff with jitter, and a quota that stops retries in a long outage
    (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
    """
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"mode": "standard", "total_max_attempts": MAX_ATTEMPTS},
        max_pool_connections=connections,
        tcp_keepalive=True,
    )
    try:
        # A session of its own: boto3's default one is not safe to share while threads start.
        session = boto3.session.Session()
        client = session.client("dynamodb", endpoint_url=endpoint, config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreUnavailable(
            f"no DynamoDB client: {error} Set AWS_REGION and, where used, DYNAMODB_ENDPOINT."
        ) from error
    _check_responses(client)
    return client


def through_boto3(client: "DynamoDBClient") -> DynamoDb:
    """Return DynamoDB by way of a ``new_boto3_client``.

    Its methods raise ServiceError, NoResponse and NoCredentials (``client``).
    """
    from botocore import xform_name
    from botocore.exceptions import (
        ClientError,
        CredentialRetrievalError,
        HTTPClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )
    from botocore.exceptions import ConnectionError as NoConnection

    def call(operation: str, parameters: Mapping[str, Any]) -> Response:
        method = getattr(client, xform_name(operation))
        try:
            response: Response = method(**parameters)
        except ClientError as error:
            raise _from_client_error(operation, error.response) from error
        except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
            raise NoCredentials(str(error)) from error
        except (HTTPClientError, NoConnection) as error:
            raise NoResponse(str(error)) from error
        return response

    return DynamoDb(call)


def _from_client_error(operation: str, response: Mapping[str, Any]) -> Exception:
    code, message = response["Error"]["Code"], response["Error"].get("Message", "")
    if code == _MALFORMED:
        return Malformed(message)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return ServiceError(operation, code, message, status, response)


def _check_responses(client: "DynamoDBClient") -> None:
    """Make ``client`` take a malformed response for a server error with the code ``_MALFORMED``.

    So it is retried as a lost one is. botocore reads most of them as empty: a body that is cut off,
    or some proxy's page. It has such a pair of handlers itself, for the errors that S3 sends with
    status 200.
    """
    client.meta.events.register("before-parse.dynamodb", _check)
    client.meta.events.register_first("needs-retry.dynamodb", _update_status)


def _check(
    operation_model: Any,
    response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any],
    **_: Any,
) -> None:
    operation, status = operation_model.name, response_dict["status_code"]
    try:
        content = content_of(operation, status, response_dict["headers"], response_dict["body"])
    except Malformed as error:
        replacement = {"__type": _MALFORMED, "message": f"{error}"}
        response_dict.update(status_code=500, body=json.dumps(replacement).encode())
        return
    if status == 200 and operation in _READS:
        # Items that were checked are as botocore returns them. Its parser would copy them attribute
        # by attribute, which takes longer than all these checks.
        customized_response_dict.update(content)
        response_dict["body"] = b"{}"


def _update_status(response: tuple[Any, Mapping[str, Any]] | None, **_: Any) -> None:
    # This is the status that retries and the client look at, still as it was received.
    if response is not None:
        http_response, parsed = response
        http_response.status_code = parsed["ResponseMetadata"]["HTTPStatusCode"]
