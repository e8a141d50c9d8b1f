"""The options, all turned on at once, and what is refused."""

import pytest

from tests.infrastructure.stack.planning import APP_NAMES, MakeError, Plan, Stack

pytestmark = pytest.mark.xdist_group("terraform")

KEY = "arn:aws:kms:eu-central-1:000000000000:key/1"
CERTIFICATE = "arn:aws:acm:eu-central-1:000000000000:certificate/1"
OPTIONS = (
    f'custom_domain={{name="books.example.com",certificate_arn="{CERTIFICATE}",zone_id="Z1"}}',
    'rollout={stable_versions={command="7"},new_share=0.1}',
    "provisioned_concurrency={query=3}",
    'alarm_emails=["on-call@example.com"]',
    f"kms_key_arn={KEY}",
    "architecture=arm64",
)


@pytest.fixture(scope="session")
def optional(stack: Stack, validated: str) -> Plan:
    return stack.planned(*OPTIONS)


def test_the_api_is_under_the_domain_name_alone(optional: Plan) -> None:
    [domain] = optional.resources("aws_apigatewayv2_domain_name").values()
    assert domain["domain_name_configuration"][0]["certificate_arn"] == CERTIFICATE
    assert optional.resources("aws_apigatewayv2_api")["api"]["disable_execute_api_endpoint"] is True
    assert optional.json["planned_values"]["outputs"]["api_url"]["value"] == (
        "https://books.example.com"
    )


def test_all_functions_are_for_the_processors_that_were_asked_for(optional: Plan) -> None:
    functions = optional.resources("aws_lambda_function").values()
    assert [function["architectures"] for function in functions] == [["arm64"]] * 3


def test_the_domain_name_leads_to_the_api_s_stage(optional: Plan) -> None:
    references = optional.references("aws_apigatewayv2_api_mapping.api")
    assert {"aws_apigatewayv2_api.api.id", "aws_apigatewayv2_stage.api.id"} <= references


def test_the_domain_name_has_both_kinds_of_address(optional: Plan) -> None:
    records = optional.resources("aws_route53_record").values()
    assert {(record["name"], record["type"], record["zone_id"]) for record in records} == {
        ("books.example.com", "A", "Z1"),
        ("books.example.com", "AAAA", "Z1"),
    }


def test_a_stable_version_keeps_what_the_new_one_does_not_get(optional: Plan) -> None:
    alias = optional.resources("aws_lambda_alias")['live["command"]']
    assert alias["function_version"] == "7"
    # What the new one gets hangs on its number, which no plan knows.
    assert optional.unknown('aws_lambda_alias.live["command"]')["routing_config"]


def test_without_a_stable_version_all_goes_to_the_newest(optional: Plan) -> None:
    assert optional.unknown('aws_lambda_alias.live["query"]')["function_version"] is True


@pytest.mark.parametrize("app", ["command", "query"])
def test_the_api_calls_the_alias(optional: Plan, app: str) -> None:
    functions = optional.resources("aws_lambda_function")
    assert functions[f"{app}_api_handler"]["publish"] is True
    assert "aws_lambda_alias.live" in optional.references(f"aws_apigatewayv2_integration.{app}")
    assert optional.resources("aws_lambda_permission")[f'live["{app}"]']["qualifier"] == "live"


def test_the_projector_is_called_as_ever(optional: Plan) -> None:
    assert optional.resources("aws_lambda_function")["query_project"]["publish"] is False


def test_instances_are_kept_warm(optional: Plan) -> None:
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


def test_alarms_are_mailed(optional: Plan) -> None:
    [subscription] = optional.resources("aws_sns_topic_subscription").values()
    assert subscription["endpoint"] == "on-call@example.com"


def test_all_logs_and_the_topic_are_encrypted_with_the_key(optional: Plan) -> None:
    groups = optional.resources("aws_cloudwatch_log_group").values()
    assert {group["kms_key_id"] for group in groups} == {KEY}
    assert optional.resources("aws_sns_topic")["alarms"]["kms_master_key_id"] == KEY


def test_warm_instances_on_two_versions_are_refused(stack: Stack, validated: str) -> None:
    with pytest.raises(MakeError, match="no provisioned concurrency on an alias of two versions"):
        stack.planned(
            'rollout={stable_versions={query="7"},new_share=0.1}',
            "provisioned_concurrency={query=3}",
        )


BAD = {
    "account_id=1": "12 digits",
    "architecture=arm": "x86_64 or arm64",
    "alarm_emails=[x]": "must be mail addresses",
    "alarm_thresholds={api_errors=-1}": "must not be negative",
    "catalogue_table_name=x": "3 to 255",
    "command_image=a:latest": "by its digest",
    'custom_domain={name="x",certificate_arn="x"}': "must be a domain name",
    "environment=A_B": "lower case letters",
    "events_table_name=x": "3 to 255",
    'jwt_audience="a b"': "one audience",
    "jwt_issuer=http://example.com/": "must be an https URL",
    "kms_key_arn=alias/x": "not of an alias",
    "log_retention_in_days=2": "CloudWatch Logs supports",
    "projector={retries=-1}": "no end to them",
    "provisioned_concurrency={web=1}": "takes command and query",
    "query_image=x": "by its digest",
    'rollout={stable_versions={web="1"}}': "number of a version",
    'tags={"aws:x"="y"}': "does not start with aws:",
    "throttling={reads={rate=0,burst=1},writes={rate=1,burst=1},audits={rate=1,burst=1}}": (
        "rate and a burst"
    ),
}


@pytest.fixture(scope="session")
def refusal(stack: Stack, validated: str) -> str:
    values = [value.replace("[x]", '["x"]') for value in BAD]
    with pytest.raises(MakeError) as refused:
        stack.planned(*values)
    return " ".join(str(refused.value).replace("│", " ").split())


@pytest.mark.parametrize(("value", "words"), BAD.items(), ids=[v.partition("=")[0] for v in BAD])
def test_a_bad_value_is_refused_with_what_to_do(refusal: str, value: str, words: str) -> None:
    assert words in refusal
