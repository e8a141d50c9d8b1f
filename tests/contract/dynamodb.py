"""DynamoDB for the tests: the one that DYNAMODB_ENDPOINT names, or a DynamoDB Local for each test process."""

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from apps.local.dynamodb_engine import dynamodb_local, missing_tools
from apps.local.dynamodb_tables import catalogue_table, events_table
from core.adapters.dynamodb.client import new_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_numbers = count(1)


@cache
def endpoint() -> str:
    """Return a DynamoDB's URL; a local one is started with the first call and ends with this process."""
    if (url := os.environ.get("DYNAMODB_ENDPOINT")) is not None:
        return url
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(dynamodb_local())


@cache
def client() -> "DynamoDBClient":
    """Return a client of it, with any credentials: DynamoDB Local takes all, but not none."""
    if "CI" not in os.environ and "DYNAMODB_ENDPOINT" not in os.environ and (lack := missing_tools()):
        pytest.skip(lack)
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    return new_client(endpoint())


@contextmanager
def fresh_events_table() -> Iterator[str]:
    """A table of events that is empty; it goes with the block."""
    name = f"events-{uuid4()}"
    client().create_table(**events_table(name))
    yield name
    client().delete_table(TableName=name)


@contextmanager
def fresh_catalogue_table() -> Iterator[str]:
    """A table for catalogues that is empty; it goes with the block."""
    name = f"catalogue-{uuid4()}"
    client().create_table(**catalogue_table(name))
    yield name
    client().delete_table(TableName=name)


@cache
def shared_catalogue_table() -> str:
    """Return a table in which each test takes generations of its own: making a table takes longer than a test."""
    name = f"catalogue-{uuid4()}"
    client().create_table(**catalogue_table(name))
    return name


def fresh_generation() -> int:
    """Return a generation that no other test of this process has."""
    return next(_numbers)
