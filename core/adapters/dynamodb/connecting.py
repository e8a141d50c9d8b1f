"""Which client speaks to DynamoDB: the own one, or boto3's. Only the one chosen is imported."""

from collections.abc import Callable, Mapping

from core.adapters.dynamodb.client import DynamoDb, NoCredentials
from core.adapters.dynamodb.environment import Unsupported, credentials_of, target_of
from core.ports.errors import StoreUnavailable


def by_own_client(environment: Mapping[str, str], endpoint: str | None) -> DynamoDb:
    """Return DynamoDB by way of the own client. Raises StoreUnavailable where that will not do.

    ``endpoint`` is the URL of a DynamoDB other than the region's own.
    """
    from core.adapters.dynamodb.own import own_client

    try:
        return own_client(target_of(environment, endpoint), environment)
    except Unsupported as reason:
        raise StoreUnavailable(
            f"no DynamoDB client: {reason}: set AWS_REGION, or DYNAMODB_CLIENT=boto3"
        ) from reason


def by_boto3(endpoint: str | None) -> DynamoDb:
    """Return DynamoDB by way of boto3. Raises StoreUnavailable when no region is set."""
    from core.adapters.dynamodb.boto import new_boto3_client, through_boto3

    return through_boto3(new_boto3_client(endpoint))


def by_either(
    environment: Mapping[str, str], endpoint: str | None, report: Callable[[str], None]
) -> DynamoDb:
    """Return DynamoDB by way of the own client, or of boto3 where the own one will not do.

    In the second case ``report`` gets the reason.
    """
    try:
        target_of(environment, endpoint)
        credentials_of(environment)
    except (Unsupported, NoCredentials) as reason:
        report(str(reason))
        return by_boto3(endpoint)
    return by_own_client(environment, endpoint)
