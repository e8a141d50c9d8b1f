"""Books in DynamoDB by boto3: one GetItem, or one PutItem.

The client is made outside the handler, once for each process
(https://docs.aws.amazon.com/codeguru/detector-library/python/lambda-client-reuse/). It is boto3's
client and not its resource, which is slower to make and to use.
"""

import os
from typing import Any
from uuid import uuid4

import boto3

from .books import Book, book_of, item_of

TABLE = os.environ["PEERS_TABLE"]
client: Any = boto3.client("dynamodb", endpoint_url=os.environ.get("DYNAMODB_ENDPOINT"))


def get(book_id: str) -> Book | None:
    """Return the book of that id."""
    key = {"id": {"S": book_id}}
    response = client.get_item(TableName=TABLE, Key=key, ConsistentRead=True)
    item = response.get("Item")
    return None if item is None else book_of(item)


def put(book: Book) -> str:
    """Store a new book and return its id."""
    book_id = str(uuid4())
    client.put_item(
        TableName=TABLE,
        Item=item_of(book_id, book),
        ConditionExpression="attribute_not_exists(id)",
    )
    return book_id
