"""Version 6 of the AWS provider knows every argument and attribute of a stack, and would keep it.

Terraform plans with version 5 (test_plans.py); what version 6 knows is in provider_6.json.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.api_kinds import KINDS
from harness.chalice_apps import FEATURES, LAYERED
from harness.hand_written import AUDIENCES
from harness.packaging import Package
from harness.provider import complaints

pytestmark = pytest.mark.xdist_group("merge")


@pytest.mark.parametrize("packaging", ["zip", "image"])
@pytest.mark.parametrize("api", KINDS)
def test_nothing_in_a_stack_is_unknown_or_deprecated(
    api: str, packaging: str, packaged: Package
) -> None:
    apps = {**FEATURES, **(LAYERED if packaging == "zip" else {})}
    if api == "rest":
        del apps["jwt"]
    found = set()
    for name, app in apps.items():
        audiences = AUDIENCES if name == "cognito" and api != "rest" else {}
        options = Options(api=api, package=packaging, audiences=audiences)
        found |= set(complaints(merge([packaged(name, app)], options)))
    assert found == set()


def test_what_chalice_writes_is_not_for_version_6(feature: Callable[[str], Source]) -> None:
    assert set(complaints(feature("routes").template)) >= {
        "aws_api_gateway_deployment.stage_name: does not exist",
    }
