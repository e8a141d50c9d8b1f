"""Books in DynamoDB by its JSON protocol over a signed connection: the standard library alone.

Signed as "Create a signed AWS API request" has it
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). It
retries nothing and checks nothing: the floor, not a client to use.
"""

import hmac
import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from .books import Book, book_of, item_of

TABLE = os.environ["PEERS_TABLE"]
REGION = os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
ENDPOINT = urlsplit(
    os.environ.get("DYNAMODB_ENDPOINT") or f"https://dynamodb.{REGION}.amazonaws.com"
)
SIGNED = "host;x-amz-date;x-amz-target"

connect = HTTPSConnection if ENDPOINT.scheme == "https" else HTTPConnection
connection = connect(ENDPOINT.netloc, timeout=3)


def call(action: str, request: dict[str, Any]) -> Any:
    """Return DynamoDB's response."""
    body = json.dumps(request).encode()
    moment, target = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"), f"DynamoDB_20120810.{action}"
    canonical = (
        f"POST\n/\n\nhost:{ENDPOINT.netloc}\nx-amz-date:{moment}\nx-amz-target:{target}\n\n"
        f"{SIGNED}\n{sha256(body).hexdigest()}"
    )
    scope = f"{moment[:8]}/{REGION}/dynamodb/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, "
        f"SignedHeaders={SIGNED}, Signature={signature}",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Date": moment,
        "X-Amz-Target": target,
    }
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    content = json.load(response)
    if response.status != 200:
        raise RuntimeError(content)
    return content


def get(book_id: str) -> Book | None:
    """Return the book of that id."""
    key = {"id": {"S": book_id}}
    response = call("GetItem", {"TableName": TABLE, "Key": key, "ConsistentRead": True})
    item = response.get("Item")
    return None if item is None else book_of(item)


def put(book: Book) -> str:
    """Store a new book and return its id."""
    book_id = str(uuid4())
    request = {
        "TableName": TABLE,
        "Item": item_of(book_id, book),
        "ConditionExpression": "attribute_not_exists(id)",
    }
    call("PutItem", request)
    return book_id
