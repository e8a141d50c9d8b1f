"""Completes what ministack compares with policies, and records it.

ministack evaluates policies, but knows fewer requests' resources and condition keys than AWS: for
those it compares ``*`` and nothing, so that a policy which names resources denies the request. What
is added here is what AWS's Service Authorization Reference lists for the actions that Terraform
uses.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.services import iam, lambda_svc  # type: ignore[import-not-found]

JsonObject = dict[str, Any]

RECORD = os.environ.get("AUTHORIZATIONS")


@dataclass(frozen=True)
class Request:
    """The request at hand: its path, and its parameters, in whichever protocol."""

    path: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def get(self, *names: str) -> str:
        """Return the first parameter that is there, of a list its first item, or nothing."""
        for name in names:
            for spelled in (name, f"{name}.member.1"):
                if value := self.parameters.get(spelled):
                    return str(value[0] if isinstance(value, list) else value)
        return ""

    @property
    def last(self) -> str:
        """Return the last part of the path."""
        return self.path.rstrip("/").rpartition("/")[2]


_request: ContextVar[Request] = ContextVar("request", default=Request())  # noqa: B039 - frozen


def resource(original: Callable[..., str]) -> Callable[..., str]:
    """Name the resource of a request, also where ministack says ``*``."""

    def extract(
        service: str,
        method: str,
        path: str,
        headers: Any,
        body: bytes,
        params: Any,
        region: str,
        account: str,
    ) -> str:
        request = Request(path, {**params, **_json(body)})
        _request.set(request)
        found = original(service, method, path, headers, body, params, region, account)
        if service == "s3":
            return found.replace("%3A", ":")
        if given := request.get("ResourceArn", "ResourceARN", "resourceArn"):
            return given
        scope = f"{region}:{account}"
        if service == "events" and (bus := _of_events(request, headers.get("x-amz-target", ""))):
            return f"arn:aws:events:{scope}:{bus}"
        named = {
            "monitoring": (
                (f"arn:aws:cloudwatch:{scope}:alarm:", request.get("AlarmName", "AlarmNames")),
                (
                    f"arn:aws:cloudwatch::{account}:dashboard/",
                    request.get("DashboardName", "DashboardNames"),
                ),
            ),
            "lambda": ((f"arn:aws:lambda:{scope}:function:", request.get("FunctionName")),),
            "ecr": ((f"arn:aws:ecr:{scope}:repository/", request.get("repositoryNames")),),
        }
        if found == "*" and "event-source-mappings" not in path:
            return next((f"{prefix}{n}" for prefix, n in named.get(service, ()) if n), found)
        return found

    return extract


def _of_events(request: Request, target: str) -> str:
    """Return the bus or archive of a request, which ministack takes for a rule or for nothing."""
    if target.endswith("EventBus"):
        return f"event-bus/{request.get('Name')}"
    return f"archive/{request.get('ArchiveName')}" if target.endswith("Archive") else ""


def _json(body: bytes) -> JsonObject:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def enforcement(original: Callable[..., Any]) -> Callable[..., Any]:
    """Add the condition keys of a request, check what AWS checks besides, and record all checks."""

    def enforce(
        key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Any = None,
    ) -> Any:
        keys = dict(_keys(action, _request.get()))
        context = {**(service_context or {}), **keys}
        denied = original(key, action, service, region, resource_arn, context)
        _record(key, action, resource_arn, keys, denied)
        role = _request.get().get("Role")
        if denied or not role or action.partition(":")[2] not in _PASSES:
            return denied
        to = {"iam:PassedToService": "lambda.amazonaws.com"}
        denied = original(key, "iam:PassRole", "iam", region, role, to)
        _record(key, "iam:PassRole", role, to, denied)
        return denied

    return enforce


_PASSES = ("CreateFunction", "UpdateFunctionConfiguration")


def _keys(action: str, request: Request) -> Iterator[tuple[str, str]]:
    boundary = ""
    if action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary"):
        boundary = request.get("PermissionsBoundary")
    elif action in ("iam:PutRolePolicy", "iam:DeleteRolePolicy"):
        boundary = (iam._roles.get(request.get("RoleName")) or {}).get("PermissionsBoundary") or ""
    if boundary:
        yield "iam:PermissionsBoundary", boundary
    if action == "lambda:AddPermission":
        yield "lambda:Principal", request.get("Principal")
    if action.endswith("EventSourceMapping"):
        yield "lambda:FunctionArn", request.get("FunctionName") or _mapped(request.last)


def _mapped(mapping_id: str) -> str:
    """Return the function of an event source mapping."""
    mappings = (each for _, _, each in lambda_svc._iter_all_esms() if each["UUID"] == mapping_id)
    return next((str(each["FunctionArn"]) for each in mappings), "")


def _record(key: str, action: str, resource_arn: str, keys: JsonObject, denied: Any) -> None:
    if RECORD:
        with open(RECORD, "a", encoding="utf-8") as file:
            line = {"key": key, "action": action, "resource": resource_arn, "keys": keys}
            file.write(json.dumps({**line, "denied": bool(denied)}) + "\n")


def origin(original: Callable[..., None]) -> Callable[..., None]:
    """Count each request as one over TLS, which the emulator does not speak."""
    return lambda address, _secure: original(address, True)
