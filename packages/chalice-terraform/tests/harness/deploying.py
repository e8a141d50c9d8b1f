"""Runs Chalice's own planner and executor of ``chalice deploy``, in an account that is made up."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from chalice.deploy.executor import Executor
from chalice.deploy.planner import PlanStage

from harness.random_apps import RandomApp, resources_of

ACCOUNT = "eu-west-1:123456789012"


def deploy_in_process(title: str, app: RandomApp) -> dict[str, Any]:
    """Return what ``chalice deploy`` records of the app: the content of ``deployed/dev.json``."""
    _, resources = resources_of(title, app)
    nothing: Any = _Nothing()
    account: Any = _Account()
    executor = Executor(account, nothing)
    executor.execute(PlanStage(nothing, nothing).execute(resources))
    return {"resources": executor.resource_values, "schema_version": "2.0", "backend": "api"}


class _Nothing:
    """An account with nothing in it, empty files, and no terminal."""

    def resource_exists(self, *_: Any) -> bool:
        return False

    def get_file_contents(self, *_: Any, **__: Any) -> bytes:
        return b""

    def write(self, _: str) -> None: ...


class _Account:
    """The client of Chalice: it makes up what AWS would return."""

    region_name = "eu-west-1"

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda *_, **__: f"{operation}-{next(self._numbers)}"

    def endpoint_dns_suffix(self, *_: str) -> str:
        return "amazonaws.com"

    def create_role(self, name: str, **_: Any) -> str:
        return f"arn:aws:iam::123456789012:role/{name}"

    def create_function(self, function_name: str, **_: Any) -> str:
        return f"arn:aws:lambda:{ACCOUNT}:function:{function_name}"

    def create_domain_name(self, certificate_arn: str, **_: Any) -> dict[str, str]:
        return {
            "hosted_zone_id": "Z1",
            "alias_domain_name": "d-1.example.com",
            "certificate_arn": certificate_arn,
            "security_policy": "TLS_1_2",
        }

    def create_base_path_mapping(self, path_key: str, **_: Any) -> dict[str, str]:
        return {"key": "/" + path_key.replace("(none)", "")}

    create_api_mapping = create_base_path_mapping
