"""boto3's clients of what the publisher sends to. They take AWS's own environment variables."""

from typing import Any, Literal

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=1.0,
    read_timeout=4.0,
    retries={"mode": "standard", "total_max_attempts": 3},
)


def new_client(service: Literal["events", "sqs"]) -> Any:
    """Return a client of a service. Raises what boto3 does when no region is set."""
    return boto3.session.Session().client(service, config=_CONFIG)
