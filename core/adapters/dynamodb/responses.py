"""Finds responses that are not whole, valid ones of DynamoDB, so that they count as lost."""

import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from core.adapters.dynamodb.shapes import Malformed, check_members


def content_of(
    operation: str, status: int, headers: Mapping[str, str], body: bytes
) -> Mapping[str, Any]:
    """Return the content of a response to ``operation``. Raises Malformed unless it is whole.

    The names of ``headers`` are in lower case.
    """
    try:
        return _content_of(operation, status, headers, body)
    except Malformed as error:
        raise Malformed(f"HTTP {status}: {error}") from error


def _content_of(
    operation: str, status: int, headers: Mapping[str, str], body: bytes
) -> Mapping[str, Any]:
    _check_length(headers, body)
    _check_checksum(headers, body)
    content = _json_object(body)
    if status == 200:
        check_members(operation, content)
    elif status >= 400:
        check_members(error_code(content), content)
    else:
        raise Malformed("DynamoDB has no responses of this status")
    return content


def _check_length(headers: Mapping[str, str], body: bytes) -> None:
    length = headers.get("content-length")
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


def error_code(content: Mapping[str, Any]) -> str:
    """Return the code of an error's content. Raises Malformed when it has none."""
    match content:
        case {"__type": str(code)} if code:
            return code.rpartition("#")[2]
        case _:
            raise Malformed("the error has no type")
