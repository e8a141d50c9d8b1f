"""A secret in the parameter store of AWS Systems Manager, whose protocol is DynamoDB's.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
"""

from collections.abc import Mapping
from typing import Any, Final

from core.adapters.dynamodb.client import (
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    NoCredentials,
    NoResponse,
    ServiceError,
)
from core.adapters.dynamodb.environment import Service, Unsupported, credentials_of, target_of
from core.adapters.dynamodb.own import own_client
from core.adapters.dynamodb.shapes import Malformed
from core.ports.errors import StoreUnavailable

SSM: Final = Service("ssm", "AmazonSSM.", "application/x-amz-json-1.1")

_RETRY_AFTER: Final = 5


def read_parameter(name: str, environment: Mapping[str, str]) -> str:
    """Return the value of a parameter, decrypted. Costs one request on a connection of its own.

    Raises StoreUnavailable.
    """
    request = {"Name": name, "WithDecryption": True}
    try:
        content = _get(request, environment)
    except (ServiceError, NoResponse, Malformed) as error:
        raise _unavailable(name, str(error)) from error
    match content:
        case {"Parameter": {"Value": str(value)}}:
            return value
        case _:
            raise _unavailable(name, "the response has no value")


def _get(request: Mapping[str, Any], environment: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        credentials_of(environment)
        target = target_of(environment, service=SSM)
    except (Unsupported, NoCredentials):
        return _by_boto3(request)
    return own_client(target, environment, connections=1).call("GetParameter", request)


def _by_boto3(request: Mapping[str, Any]) -> Mapping[str, Any]:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=CONNECT_TIMEOUT_SECONDS, read_timeout=READ_TIMEOUT_SECONDS)
    try:
        client = boto3.session.Session().client("ssm", config=config)
        content: Mapping[str, Any] = client.get_parameter(**request)
    except (BotoCoreError, ClientError) as error:
        raise NoResponse(str(error)) from error
    return content


def _unavailable(name: str, reason: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"parameter {name}: {reason}: does it exist in this region, and may the caller read it"
        " (ssm:GetParameter)?",
        _RETRY_AFTER,
    )
