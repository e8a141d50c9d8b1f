"""How much the DynamoDB tables have, as DescribeTable says.

That costs nothing, but AWS counts only about every six hours, and counts all items. A count by Scan
would cost as much as reading the tables (``make verify`` does that for the log).
"""

from typing import TYPE_CHECKING, Final

from core.adapters.dynamodb.client import DynamoDb
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.generations import POINTER_KEY, Pointer, pointer_of, read_item
from core.ports.errors import StoreUnavailable
from core.ports.figures import Figures

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ITEMS: Final = (
    "all items, as AWS counted them within the last six hours: events with claims and snapshots,"
    " and views with their places"
)


def read_figures(
    client: DynamoDb, boto3: "DynamoDBClient", events_table: str, catalogue_table: str
) -> Figures:
    """Return the figures of two tables. Raises StoreUnavailable.

    Costs a GetItem, 1 read unit, and two calls of DescribeTable, which are free.
    """
    with store_errors(catalogue_table, "GetItem"):
        item = read_item(client, catalogue_table, POINTER_KEY)
        pointer = pointer_of(item) if item else Pointer()
    events, views = _count(boto3, events_table), _count(boto3, catalogue_table)
    return Figures(events, views, _ITEMS, pointer.live, pointer.building)


def _count(boto3: "DynamoDBClient", table: str) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return int(boto3.describe_table(TableName=table)["Table"]["ItemCount"])
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(f"table {table}: {error}") from error
