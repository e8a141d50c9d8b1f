"""Finds responses that are not whole, valid ones of DynamoDB, so that they count as lost.

botocore reads most of them as empty: a body that is cut off, or some proxy's page. Its retry mode
"standard" does not compare ``x-amz-crc32`` either.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from core.adapters.dynamodb.errors import MALFORMED
from core.adapters.dynamodb.shapes import Malformed, check_members

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READS: Final = frozenset({"GetItem", "Query", "Scan"})


def check_responses(client: "DynamoDBClient") -> None:
    """Make ``client`` take a malformed response for a server error with the code ``MALFORMED``.

    So it is retried as a lost one is, and a call whose last response is malformed raises
    ClientError. botocore has such a pair of handlers itself, for the errors that S3 sends with
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
        replacement = {"__type": MALFORMED, "message": f"HTTP {status}: {error}"}
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


def content_of(
    operation: str, status: int, headers: Mapping[str, str], body: bytes
) -> Mapping[str, Any]:
    """Return the content of a response to ``operation``. Raises Malformed unless it is whole."""
    _check_length(headers, body)
    _check_checksum(headers, body)
    content = _json_object(body)
    if status == 200:
        check_members(operation, content)
    elif status >= 400:
        check_members(_error_code(content), content)
    else:
        raise Malformed("DynamoDB has no responses of this status")
    return content


def _check_length(headers: Mapping[str, str], body: bytes) -> None:
    length = headers.get("Content-Length")
    if length is not None and length != str(len(body)):
        raise Malformed(f"the body has {len(body)} of {length} bytes")


def _check_checksum(headers: Mapping[str, str], body: bytes) -> None:
    checksum = headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(crc32(body)):
        raise Malformed(f"the body does not have the CRC32 {checksum}")


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body.decode())
    except (RecursionError, ValueError) as error:
        raise Malformed(f"the body is not JSON in UTF-8: {error}") from error
    if not isinstance(content, dict):
        raise Malformed("the body is not a JSON object")
    return content


def _error_code(content: Mapping[str, Any]) -> str:
    match content:
        case {"__type": str(code)} if code:
            return code.rpartition("#")[2]
        case _:
            raise Malformed("the error has no type")
