"""Stand-in credentials are for a DynamoDB on this machine alone."""

import pytest

from apps.local.credentials import ANY_CREDENTIALS, missing_credentials
from core.config import read_settings

LOCAL = read_settings({"DYNAMODB_ENDPOINT": "http://127.0.0.1:8003"})


def test_a_local_dynamodb_gets_the_credentials_that_the_environment_lacks() -> None:
    assert missing_credentials(LOCAL, {}) == ANY_CREDENTIALS


def test_credentials_in_the_environment_are_kept() -> None:
    added = missing_credentials(LOCAL, {"AWS_ACCESS_KEY_ID": "mine"})
    assert added == {k: v for k, v in ANY_CREDENTIALS.items() if k != "AWS_ACCESS_KEY_ID"}


@pytest.mark.parametrize("endpoint", ["", "http://dynamodb.example:8000"])
def test_another_dynamodb_gets_no_credentials(endpoint: str) -> None:
    assert missing_credentials(read_settings({"DYNAMODB_ENDPOINT": endpoint}), {}) == {}
