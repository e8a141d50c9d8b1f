"""What GitHub's roles may do, compared with what the service has."""

from collections.abc import Iterator

import pytest

from core.config import PROJECT_NAME
from tests.infrastructure.stack.planning import TERRAFORM, Plan
from tests.support.policies import Statements, allows, statements

pytestmark = pytest.mark.xdist_group("terraform")

ACCOUNT = "000000000000"
SCOPE = f"eu-central-1:{ACCOUNT}"
MAX_INLINE_CHARACTERS = 10_240
"""Of all policies of a role."""
MAX_MANAGED_CHARACTERS = 6_144
LONGEST = {"staging": 20, "production": 20, PROJECT_NAME: 20, "books-": 21, "eu-central-1": 14}
"""How long what stands in the policies can be in another project."""


def apply_of(bootstrap: Plan, environment: str) -> Statements:
    policies = bootstrap.resources("aws_iam_role_policy")
    return statements([policies[f'apply["{environment}"]']["policy"]])


def written(service: Plan) -> Iterator[tuple[str, str]]:
    """Yield an action of an apply for each named resource of the service, in production."""
    prefixes = {
        "aws_lambda_function": ("lambda:UpdateFunctionCode", f"lambda:{SCOPE}:function:"),
        "aws_iam_role": ("iam:TagRole", f"iam::{ACCOUNT}:role/"),
        "aws_dynamodb_table": ("dynamodb:UpdateTable", f"dynamodb:{SCOPE}:table/"),
        "aws_sqs_queue": ("sqs:SetQueueAttributes", f"sqs:{SCOPE}:"),
        "aws_sns_topic": ("sns:SetTopicAttributes", f"sns:{SCOPE}:"),
        "aws_cloudwatch_log_group": ("logs:PutRetentionPolicy", f"logs:{SCOPE}:log-group:"),
        "aws_cloudwatch_metric_alarm": ("cloudwatch:PutMetricAlarm", f"cloudwatch:{SCOPE}:alarm:"),
        "aws_cloudwatch_composite_alarm": (
            "cloudwatch:PutCompositeAlarm",
            f"cloudwatch:{SCOPE}:alarm:",
        ),
        "aws_cloudwatch_dashboard": (
            "cloudwatch:PutDashboard",
            f"cloudwatch::{ACCOUNT}:dashboard/",
        ),
        "aws_cloudwatch_event_bus": ("events:UpdateEventBus", f"events:{SCOPE}:event-bus/"),
    }
    keys = ("name", "function_name", "alarm_name", "dashboard_name")
    for kind, (action, prefix) in prefixes.items():
        for values in service.resources(kind).values():
            yield action, f"arn:aws:{prefix}{next(values[key] for key in keys if values.get(key))}"


def test_an_apply_may_write_each_resource_of_its_environment(
    optional: Plan, bootstrap: Plan
) -> None:
    policies = apply_of(bootstrap, "production")
    resources = list(written(optional))
    assert len(resources) > 30
    assert [each for each in resources if not allows(policies, *each)] == []


def test_an_apply_may_write_no_resource_of_another_environment(
    optional: Plan, bootstrap: Plan
) -> None:
    policies = apply_of(bootstrap, "staging")
    assert [each for each in written(optional) if allows(policies, *each)] == []


def test_the_boundary_allows_all_that_the_functions_policies_allow(
    optional: Plan, bootstrap: Plan
) -> None:
    boundary = bootstrap.resources("aws_iam_policy")['functions["production"]']["policy"]
    policies = optional.resources("aws_iam_role_policy").values()
    used = [
        (action, resource)
        for each in statements(policy["policy"] for policy in policies)
        for action in each["Action"]
        for resource in (
            [each["Resource"]] if isinstance(each["Resource"], str) else each["Resource"]
        )
    ]
    assert len(used) > 20
    assert [each for each in used if not allows(statements([boundary]), *each)] == []


def test_roles_are_limited_once_the_bootstrap_has_made_the_boundary(optional: Plan) -> None:
    """Each role of a function has the argument; without the bootstrap it is null."""
    roles = optional.resources("aws_iam_role")
    assert roles
    for name in roles:
        references = optional.references(f"aws_iam_role.{name.partition('[')[0]}")
        assert "local.boundary_arn" in references, name


def test_policies_are_within_aws_s_limits_for_names_of_any_length(bootstrap: Plan) -> None:
    def size(policy: str) -> int:
        return len(policy) + sum(
            (n - len(word)) * policy.count(word) for word, n in LONGEST.items()
        )

    managed = bootstrap.resources("aws_iam_policy")
    assert {
        n: s for n, p in managed.items() if (s := size(p["policy"])) > MAX_MANAGED_CHARACTERS
    } == {}
    inline = bootstrap.resources("aws_iam_role_policy")
    assert {
        n: s for n, p in inline.items() if (s := size(p["policy"])) > MAX_INLINE_CHARACTERS
    } == {}


def test_a_pull_request_has_no_policy_but_what_plans_read(bootstrap: Plan) -> None:
    policies = bootstrap.resources("aws_iam_role_policy")
    owners = {
        reference
        for address in ("aws_iam_role_policy.plan", "aws_iam_role_policy.apply")
        for reference in bootstrap.references(address)
    }
    assert {name.partition("[")[0] for name in policies} == {"plan", "apply"}
    assert not any("pull-request" in owner for owner in owners)
    attached = bootstrap.resources("aws_iam_role_policy_attachment")
    assert {name for name in attached if "pull-request" in name} == {
        f'read["pull-request reads {environment}"]' for environment in ("production", "staging")
    }


def test_terraform_does_not_destroy_the_bucket_of_states() -> None:
    assert "prevent_destroy = true" in (TERRAFORM / "bootstrap" / "state.tf").read_text()
