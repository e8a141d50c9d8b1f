"""The connection to DynamoDB."""

from typing import TYPE_CHECKING, Final

from core.adapters.dynamodb.responses import check_responses
from core.ports.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONNECT_TIMEOUT_SECONDS: Final = 1.0

READ_TIMEOUT_SECONDS: Final = 3.0
"""For a response: more than one second, as AWS advises where transactions are used."""

MAX_ATTEMPTS: Final = 3
"""How often the client sends a request: a call takes about 14 seconds at worst, less than API
Gateway's 30."""


def new_client(endpoint: str | None = None, connections: int = 32) -> "DynamoDBClient":
    """Return a client for all threads of this process.

    Region and credentials come from AWS's own environment. ``endpoint`` is the URL of a DynamoDB
    other than the region's own; at most ``connections`` are kept open. Costs about 0.2 s, most of
    it for importing boto3, so it is made once, and only when it is needed. Raises StoreUnavailable
    when no region is set.

    Retry mode "standard": backoff with jitter, and a quota that stops retries in a long outage
    (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). A response that
    is not a whole, valid one of DynamoDB is retried as a lost one is.
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
    check_responses(client)
    return client
