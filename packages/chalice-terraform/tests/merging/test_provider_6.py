"""Version 6 of the AWS provider knows every argument and attribute of a stack, and would keep it.

Terraform plans with version 5 (test_plans.py); what version 6 knows is in provider_6.json.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalice_terraform.merging import Source
from harness.packaging import Package
from harness.provider import complaints
from harness.stacks import STACKS

pytestmark = pytest.mark.xdist_group("merge")


@pytest.mark.parametrize("name", STACKS)
def test_nothing_in_a_stack_is_unknown_or_deprecated(name: str, packaged: Package) -> None:
    assert set(complaints(STACKS[name].merge(packaged))) == set()


def test_what_chalice_writes_is_not_for_version_6(feature: Callable[[str], Source]) -> None:
    assert set(complaints(feature("routes").template)) >= {
        "aws_api_gateway_deployment.stage_name: does not exist",
    }
