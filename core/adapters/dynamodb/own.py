"""DynamoDB by its own protocol, JSON over HTTP, with nothing but the standard library.

It does what this program needs of boto3 and starts some 0.2 s sooner, which is what a cold start
waits for (docs/decisions/0009). It speaks to public regions and to an endpoint, and signs with the
credentials in the environment; ``environment`` says when that will not do.
"""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.adapters.dynamodb.client import (
    MAX_CONNECTIONS,
    DynamoDb,
    NoResponse,
    Response,
    ServiceError,
)
from core.adapters.dynamodb.connections import Connections, HttpResponse
from core.adapters.dynamodb.environment import Target, credentials_of
from core.adapters.dynamodb.responses import content_of, error_code
from core.adapters.dynamodb.retries import MAX_QUOTA, Failure, Retries
from core.adapters.dynamodb.shapes import Malformed
from core.adapters.dynamodb.signing import signed
from core.ports.clock import Clock, Sleep
from core.ports.ids import uuid_text

Post = Callable[[Mapping[str, str], bytes], HttpResponse]
"""Sends a body with its headers and returns the response. Raises NoResponse."""


def own_client(
    target: Target, environment: Mapping[str, str], connections: int = MAX_CONNECTIONS
) -> DynamoDb:
    """Return the DynamoDB at ``target``, by way of at most ``connections``.

    Each request is signed with the credentials that ``environment`` has by then.
    """
    return over(Connections(target, connections).post, target, environment)


def over(
    post: Post,
    target: Target,
    environment: Mapping[str, str],
    sleep: Sleep = time.sleep,
    quota: int = MAX_QUOTA,
) -> DynamoDb:
    """Return the DynamoDB at ``target`` by way of ``post``.

    ``sleep`` is for the pauses before retries, of which there are as many as ``quota`` allows.
    """
    retries = Retries(random.random, quota)
    return DynamoDb(_Caller(post, target, environment, retries, sleep, _utc_now).call)


class _Failed(NamedTuple):
    """An attempt that failed: the error that a call ends with, and what decides about another."""

    error: Exception
    failure: Failure


@dataclass(frozen=True, slots=True)
class _Caller:
    post: Post
    target: Target
    environment: Mapping[str, str]
    retries: Retries
    sleep: Sleep
    clock: Clock

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Response:
        """Do an operation (``client.Call``)."""
        if operation == "TransactWriteItems":
            parameters = {"ClientRequestToken": uuid_text(os.urandom(16), version=4), **parameters}
        body = json.dumps(parameters).encode()
        attempt, retry = 1, None
        while isinstance(outcome := self._attempt(operation, body, attempt), _Failed):
            if (retry := self.retries.after(outcome.failure, attempt)) is None:
                raise outcome.error
            self.sleep(retry.seconds)
            attempt += 1
        self.retries.succeeded(retry)
        return outcome

    def _attempt(self, operation: str, body: bytes, attempt: int) -> Response | _Failed:
        try:
            status, headers, received = self.post(self._headers(operation, body), body)
            content = content_of(operation, status, headers, received)
        except (NoResponse, Malformed) as error:
            return _Failed(error, Failure())
        if attempt > 1:  # as boto3 says it
            content = {**content, "ResponseMetadata": {"RetryAttempts": attempt - 1}}
        if status == 200:
            return content
        code = error_code(content)
        message = content.get("message", content.get("Message", ""))
        failure = Failure(status, code, headers.get("x-amz-retry-after"))
        return _Failed(ServiceError(operation, code, message, status, content), failure)

    def _headers(self, operation: str, body: bytes) -> dict[str, str]:
        region, service = self.target.region, self.target.service
        headers = {
            "host": self.target.authority,
            "content-type": service.content_type,
            "x-amz-target": f"{service.operations}{operation}",
        }
        credentials = credentials_of(self.environment)
        return signed(headers, body, region, credentials, self.clock(), service.name)


def _utc_now() -> datetime:
    return datetime.now(UTC)
