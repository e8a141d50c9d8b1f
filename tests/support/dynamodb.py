"""DynamoDB for the tests: that at DYNAMODB_ENDPOINT, or a DynamoDB Local for each process."""

import atexit
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from apps.local.credentials import ANY_CREDENTIALS
from apps.local.dynamodb_engine import dynamodb_local, missing_tools
from apps.local.dynamodb_tables import catalogue_table, events_table
from core.adapters.dynamodb.boto import new_boto3_client, through_boto3
from core.adapters.dynamodb.catalogue import DynamoDbCatalogue
from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.environment import Target, target_of
from core.adapters.dynamodb.generations import Fixed, Generation
from core.adapters.dynamodb.own import own_client
from core.ports.domain import Domain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OWN = "own"
CARRIERS = (OWN, "boto3")
"""By what DynamoDB is spoken to."""

_numbers = count(1)


@cache
def endpoint() -> str:
    """Return the URL of a DynamoDB.

    A local one is started by the first call and ends with this process.
    """
    if (url := os.environ.get("DYNAMODB_ENDPOINT")) is not None:
        return url
    return at_exit().enter_context(dynamodb_local())


@cache
def at_exit() -> ExitStack:
    """Return a stack that is closed when this process ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack


@cache
def client() -> "DynamoDBClient":
    """Return boto3's client of it, to make and look into tables.

    Skips the calling test when there is none; in CI the test fails.
    """
    if "DYNAMODB_ENDPOINT" not in os.environ:
        require_dynamodb_local()
    with with_credentials():
        return new_boto3_client(endpoint())


@cache
def database(carrier: str = OWN) -> DynamoDb:
    """Return it as the adapters use it. Skips the calling test when there is none."""
    boto3 = client()
    return own_client(target(), credentials()) if carrier == OWN else through_boto3(boto3)


def target() -> Target:
    """Return it as the own client's target."""
    return target_of(credentials(), endpoint())


def credentials() -> dict[str, str]:
    """Return credentials and a region: those of the environment, or any."""
    return {name: os.environ.get(name, value) for name, value in ANY_CREDENTIALS.items()}


def require_dynamodb_local() -> None:
    """Skip the calling test when DynamoDB Local cannot run here; in CI let the test fail."""
    if "CI" not in os.environ and (lack := missing_tools()):
        pytest.skip(lack)


@contextmanager
def with_credentials() -> Iterator[None]:
    """Put credentials and a region into the environment, unless it has its own."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in credentials().items():
            environment.setenv(name, value)
        yield


def _create(table: Mapping[str, Any]) -> None:
    # Its name is new: where it exists, the client has sent the request twice.
    with suppress(client().exceptions.ResourceInUseException):
        client().create_table(**table)


@contextmanager
def fresh_events_table() -> Iterator[str]:
    """Yield a table of events that is empty; it is deleted with the block."""
    name = f"events-{uuid4()}"
    _create(events_table(name))
    yield name
    client().delete_table(TableName=name)


@contextmanager
def fresh_catalogue_table() -> Iterator[str]:
    """Yield a table for catalogues that is empty; it is deleted with the block."""
    name = f"catalogue-{uuid4()}"
    _create(catalogue_table(name))
    yield name
    client().delete_table(TableName=name)


@cache
def shared_catalogue_table() -> str:
    """Return a table in which each test takes generations of its own.

    Creating a table takes longer than a test.
    """
    return at_exit().enter_context(fresh_catalogue_table())


def fresh_generation() -> int:
    """Return a generation that no other test of this process has."""
    return next(_numbers)


def catalogue_at(
    wire: DynamoDb, table: str, domain: Domain[Any, Any, Any, Any], generation: int
) -> DynamoDbCatalogue[Any]:
    """Return a generation of the catalogue in ``table``. Nothing in it waits."""
    source = Fixed(wire, table, Generation(generation))
    return DynamoDbCatalogue(wire, table, domain, source, lambda _: None)
