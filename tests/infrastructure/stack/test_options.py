"""The optional settings, all set at once, and combinations that are rejected."""

import json
import re

import pytest

from core import config
from core.adapters.http.cors import ALLOW_HEADERS, ANY_METHOD, EXPOSE_HEADERS, MAX_AGE_SECONDS
from tests.infrastructure.stack.planning import (
    APP_NAMES,
    CERTIFICATE,
    KEY,
    RUNBOOK,
    TERRAFORM,
    MakeError,
    Plan,
    Stack,
)

pytestmark = pytest.mark.xdist_group("terraform")


def test_the_api_is_reachable_only_under_its_domain_name(optional: Plan) -> None:
    [domain] = optional.resources("aws_apigatewayv2_domain_name").values()
    configuration = domain["domain_name_configuration"][0]
    assert configuration["certificate_arn"] == CERTIFICATE
    assert configuration["security_policy"] == "TLS_1_2"
    assert optional.resources("aws_apigatewayv2_api")["api"]["disable_execute_api_endpoint"] is True
    assert optional.json["planned_values"]["outputs"]["api_url"]["value"] == (
        "https://books.example.com"
    )


def test_all_functions_have_the_requested_architecture(optional: Plan) -> None:
    functions = optional.resources("aws_lambda_function").values()
    assert [function["architectures"] for function in functions] == [["arm64"]] * 4


def test_the_domain_name_maps_to_the_stage_of_the_api(optional: Plan) -> None:
    references = optional.references("aws_apigatewayv2_api_mapping.api")
    assert {"aws_apigatewayv2_api.api.id", "aws_apigatewayv2_stage.api.id"} <= references


def test_the_domain_name_has_ipv4_and_ipv6_records(optional: Plan) -> None:
    records = optional.resources("aws_route53_record").values()
    assert {(record["name"], record["type"], record["zone_id"]) for record in records} == {
        ("books.example.com", "A", "Z1"),
        ("books.example.com", "AAAA", "Z1"),
    }


def test_a_stable_version_gets_the_rest_of_the_requests(optional: Plan) -> None:
    alias = optional.resources("aws_lambda_alias")['live["command"]']
    assert alias["function_version"] == "7"
    # The weight is keyed by the number of the new version, which is unknown until it is applied.
    assert optional.unknown('aws_lambda_alias.live["command"]')["routing_config"]


def test_without_a_stable_version_the_newest_gets_all_requests(optional: Plan) -> None:
    assert optional.unknown('aws_lambda_alias.live["query"]')["function_version"] is True


def test_pages_of_other_origins_may_do_what_a_laptop_allows_them(optional: Plan) -> None:
    [cors] = optional.resources("aws_apigatewayv2_api")["api"]["cors_configuration"]
    assert set(cors.pop("allow_origins")) == {"https://one.example", "http://localhost:3000"}
    assert {name: value and sorted(value) for name, value in cors.items() if name != "max_age"} == {
        "allow_credentials": None,
        "allow_headers": [*ALLOW_HEADERS],
        "allow_methods": [ANY_METHOD],
        "expose_headers": [*EXPOSE_HEADERS],
    }
    assert cors["max_age"] == MAX_AGE_SECONDS


def test_an_origin_is_the_same_to_terraform_and_to_the_services() -> None:
    variables = (TERRAFORM / "variables-api.tf").read_text()
    for rule in (config._ORIGIN, config._DEFAULT_PORT):
        assert f'regex("^({rule.pattern})$", origin)' in variables


def test_without_docs_the_api_has_all_routes_but_the_page_and_what_it_loads(
    service: Plan, optional: Plan
) -> None:
    everything = service.resources("aws_apigatewayv2_route")
    kept = optional.resources("aws_apigatewayv2_route")
    assert kept.keys() == {name for name in everything if "/v1/catalog/docs" not in name}
    assert 'query["GET /v1/catalog/openapi.json"]' in kept
    assert 'query["GET /v1/catalog/problems/{name}"]' in kept


@pytest.mark.parametrize(
    ("key", "is_docs"),
    [
        ("GET /v1/catalog/docs", True),
        ("HEAD /v1/catalog/docs", True),
        ("GET /v1/catalog/docs/{asset}", True),
        ("GET /v1/catalog/docs-of-others", False),
        ("GET /v1/catalog/books/docs", False),
        ("GET /v1/catalog/openapi.json", False),
    ],
)
def test_the_docs_page_is_recognised_by_its_path(key: str, is_docs: bool) -> None:
    [pattern] = re.findall(r'docs_page = "(.+)"', (TERRAFORM / "api.tf").read_text())
    assert bool(re.search(pattern, key)) is is_docs


@pytest.mark.parametrize("app", ["command", "query"])
def test_the_api_invokes_the_alias(optional: Plan, app: str) -> None:
    functions = optional.resources("aws_lambda_function")
    assert functions[f"{app}_api_handler"]["publish"] is True
    assert "aws_lambda_alias.live" in optional.references(f"aws_apigatewayv2_integration.{app}")
    assert optional.resources("aws_lambda_permission")[f'live["{app}"]']["qualifier"] == "live"


def test_the_projector_publishes_no_versions(optional: Plan) -> None:
    assert optional.resources("aws_lambda_function")["query_project"]["publish"] is False


def test_provisioned_concurrency_is_configured(optional: Plan) -> None:
    [kept] = optional.resources("aws_lambda_provisioned_concurrency_config").values()
    assert (
        kept["function_name"],
        kept["qualifier"],
        kept["provisioned_concurrent_executions"],
    ) == (
        f"{APP_NAMES['query']}-production",
        "live",
        3,
    )


def test_functions_have_the_concurrency_that_is_reserved_for_them(optional: Plan) -> None:
    functions = optional.resources("aws_lambda_function")
    reserved = {name: each["reserved_concurrent_executions"] for name, each in functions.items()}
    unreserved = -1
    assert reserved == {
        "command_api_handler": 20,
        "query_api_handler": 30,
        "query_project": unreserved,
        "query_publish": unreserved,
    }


def test_alarms_are_sent_by_email_and_their_composite_to_the_pager(optional: Plan) -> None:
    subscriptions = optional.resources("aws_sns_topic_subscription")
    assert {name: (each["protocol"], each["endpoint"]) for name, each in subscriptions.items()} == {
        'alarms["on-call@example.com"]': ("email", "on-call@example.com"),
        'pager["https://pager.example/1"]': ("https", "https://pager.example/1"),
    }
    for topic in ("alarms", "pager"):
        assert f"aws_sns_topic.{topic}.arn" in optional.references(
            f"aws_sns_topic_subscription.{topic}"
        )


def test_alarms_link_to_the_runbook_at_its_url(optional: Plan) -> None:
    alarms = optional.resources("aws_cloudwatch_metric_alarm").values()
    assert alarms
    assert all(f" {RUNBOOK}#" in alarm["alarm_description"] for alarm in alarms)


def test_log_groups_and_the_topics_are_encrypted_with_the_key(optional: Plan) -> None:
    groups = optional.resources("aws_cloudwatch_log_group").values()
    assert {group["kms_key_id"] for group in groups} == {KEY}
    topics = optional.resources("aws_sns_topic")
    assert {name: topic["kms_master_key_id"] for name, topic in topics.items()} == {
        "alarms": KEY,
        "pager": KEY,
    }


@pytest.fixture(scope="session")
def impossible(stack: Stack, validated: str) -> str:
    return refused(
        stack,
        'rollout={stable_versions={query="7"},new_share=0.1}',
        "reserved_concurrency={query=2}",
        "provisioned_concurrency={query=3}",
    )


@pytest.mark.parametrize(
    "expected",
    [
        "does not support provisioned concurrency on an alias with two versions",
        "reserve at least 3 for query",
    ],
)
def test_provisioned_concurrency_that_lambda_would_refuse_is_rejected(
    impossible: str, expected: str
) -> None:
    assert expected in impossible


def test_a_digest_of_the_actor_needs_its_key_which_the_command_function_alone_may_read(
    optional: Plan,
) -> None:
    [environment] = optional.resources("aws_lambda_function")["command_api_handler"]["environment"]
    variables = environment["variables"]
    assert variables["ACTOR"] == "digest"
    policies = optional.resources("aws_iam_role_policy")
    [address] = [key for key, policy in policies.items() if "ssm:" in policy["policy"]]
    [statement] = json.loads(policies[address]["policy"])["Statement"]
    assert statement["Action"] == ["ssm:GetParameter"]
    named = f"parameter{variables['ACTOR_KEY_PARAMETER']}"
    assert statement["Resource"] == f"arn:aws:ssm:eu-central-1:000000000000:{named}"
    assert "aws_iam_role.command_api_handler_role" in optional.references(
        "aws_iam_role_policy.command_actor_key"
    )


def test_no_plan_has_a_key_of_digests(optional: Plan) -> None:
    assert '"ACTOR_KEY"' not in json.dumps(optional.json)


def test_tracing_of_calls_can_be_turned_off(optional: Plan) -> None:
    functions = optional.resources("aws_lambda_function").values()
    assert {f["environment"][0]["variables"]["TRACING"] for f in functions} == {"off"}


def refused(stack: Stack, *variables: str) -> str:
    """Plan with variables that must not be accepted; return the output on one line."""
    with pytest.raises(MakeError) as failed:
        stack.planned(*variables)
    return " ".join(str(failed.value).replace("│", " ").split())
