"""Credentials for a DynamoDB on this machine: DynamoDB Local takes any, but not none."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from core.config import Settings
from core.loopback import is_loopback

ANY_CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def missing_credentials(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what ``environment`` lacks to use a DynamoDB on this machine; {} for any other one."""
    if not is_loopback(urlsplit(settings.dynamodb_endpoint or "").hostname):
        return {}
    return {name: value for name, value in ANY_CREDENTIALS.items() if name not in environment}
