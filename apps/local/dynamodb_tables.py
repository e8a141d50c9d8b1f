"""The tables of ``terraform/dynamodb.tf`` for a DynamoDB on this machine.

A test fails when the two differ.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def events_table(name: str) -> dict[str, Any]:
    """Return the arguments of CreateTable for the events table."""
    return {
        "TableName": name,
        "AttributeDefinitions": _attributes(stream="S", version="N"),
        "KeySchema": _keys("stream", "version"),
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }


def catalogue_table(name: str) -> dict[str, Any]:
    """Return the arguments of CreateTable for the catalogue."""
    return {
        "TableName": name,
        "AttributeDefinitions": _attributes(pk="S", sk="S"),
        "KeySchema": _keys("pk", "sk"),
        "BillingMode": "PAY_PER_REQUEST",
    }


def create_tables(client: "DynamoDBClient", events: str, catalogue: str) -> None:
    """Create those of the two tables that do not exist yet."""
    for table in (events_table(events), catalogue_table(catalogue)):
        try:
            client.create_table(**table)
        except client.exceptions.ResourceInUseException:
            continue
        client.get_waiter("table_exists").wait(TableName=table["TableName"])


def _attributes(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
