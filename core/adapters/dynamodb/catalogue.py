"""The catalogue in DynamoDB: views and index entries of all generations, in the table ``catalogue``."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from core.adapters.dynamodb.entries import index_entries
from core.adapters.dynamodb.errors import store_errors
from core.adapters.dynamodb.items import PARTITION_KEY_BYTES, Item, is_key, item_size
from core.adapters.dynamodb.keys import book_partition, view_key
from core.adapters.dynamodb.listings import listing_query
from core.adapters.dynamodb.transactions import (
    TRANSACTION_ITEMS,
    ConditionsFailed,
    Operation,
    Writer,
)
from core.adapters.dynamodb.views import entry_attributes, entry_from_attributes
from core.ports.catalogue import (
    Entry,
    Listing,
    Page,
    Position,
    StaleEntry,
    check_replaces,
)
from core.ports.clock import Sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
