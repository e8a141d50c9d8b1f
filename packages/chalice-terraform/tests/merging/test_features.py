"""How the merge translates Chalice's other features, with a small app for each."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from chalice.config import Config

from chalice_terraform.merging import Options, Source, merge
from harness.chalice_apps import CERTIFICATE, FEATURES, ROLE
from harness.packaging import ChaliceApp, Package, PackagingError
from harness.reading import Merged, the
from harness.reference_checker import dangling

# One worker packages the apps for all tests.
pytestmark = pytest.mark.xdist_group("merge")

# What the feature apps refer to in HAND_WRITTEN.
OUTSIDE = frozenset(
    {
        "aws_dynamodb_table.events",
        "aws_s3_bucket.media",
        "aws_sns_topic.news",
        "aws_cognito_user_pool.people",
        "aws_cognito_user_pool_client.web",
        "aws_lambda_alias.live",
    }
)


@pytest.mark.parametrize("name", FEATURES)
def test_every_reference_resolves(name: str, merged: Merged) -> None:
    assert not dangling(merged(name), OUTSIDE)


def test_a_function_becomes_a_container_image_with_its_handler_as_command(merged: Merged) -> None:
    template = merged("function", package="image")
    function = the(template, "aws_lambda_function", "function_work")
    assert function["package_type"] == "Image"
    assert function["image_uri"] == "${var.function_image}"
    assert function["image_config"] == {"command": ["app.work"]}
    assert not {"filename", "handler", "runtime", "source_code_hash", "layers"} & set(function)
    variable = template["variable"]["function_image"]
    assert "sha256" in variable["validation"][0]["condition"]


def test_every_function_depends_on_its_log_group(merged: Merged) -> None:
    for name in FEATURES:
        resources = merged(name)["resource"]
        groups = resources["aws_cloudwatch_log_group"]
        for function, body in resources["aws_lambda_function"].items():
            assert body["depends_on"] == [f"aws_cloudwatch_log_group.{function}"]
            assert groups[function] == {
                "name": f"/aws/lambda/{body['function_name']}",
                "retention_in_days": "${var.log_retention_in_days}",
            }


def test_settings_of_functions_are_kept(merged: Merged) -> None:
    function = the(merged("settings"), "aws_lambda_function", "settings_work")
    assert function["memory_size"] == 512
    assert function["timeout"] == 17
    assert function["reserved_concurrent_executions"] == 3
    assert function["tracing_config"] == {"mode": "Active"}
    assert function["tags"]["team"] == "books"


@pytest.mark.skipif(not hasattr(Config, "lambda_architecture"), reason="this Chalice has none")
def test_the_architecture_of_functions_is_kept(merged: Merged) -> None:
    function = the(merged("settings"), "aws_lambda_function", "settings_work")
    assert function["architectures"] == ["arm64"]


def test_settings_of_one_function_do_not_affect_others(merged: Merged) -> None:
    functions = merged("perfunction")["resource"]["aws_lambda_function"]
    assert functions["perfunction_one"]["memory_size"] == 256
    assert functions["perfunction_one"]["timeout"] == 5
    assert functions["perfunction_two"]["memory_size"] == 128


def test_a_function_stays_in_its_vpc(merged: Merged) -> None:
    assert the(merged("vpc"), "aws_lambda_function", "vpc_work")["vpc_config"] == {
        "security_group_ids": ["sg-1"],
        "subnet_ids": ["subnet-1", "subnet-2"],
    }


def test_references_in_environment_variables_are_rewritten(merged: Merged) -> None:
    function = the(merged("environment"), "aws_lambda_function", "environment_api_handler")
    assert function["environment"]["variables"] == {
        "TABLE": "${aws_dynamodb_table.events.name}",
        "ROLE": "${aws_iam_role.environment_default-role.arn}",
        "HERE": "${data.aws_service.lambda.region}/${local.chalice_account_id}",
        "UPPER": '${upper("of ${aws_iam_role.environment_default-role.name}")} $${aws_iam_role.x}',
        "SELF": "${aws_apigatewayv2_api.api.id}",
        "URL": "${aws_apigatewayv2_api.api.api_endpoint}",
    }


def test_references_in_a_policy_file_are_rewritten(merged: Merged) -> None:
    policy = the(merged("policy"), "aws_iam_role_policy", "policy_work_role")
    statements = json.loads(policy["policy"])["Statement"]
    assert statements[0]["Resource"] == ["${aws_dynamodb_table.events.arn}"]
    assert statements[1]["Resource"] == [
        "${aws_lambda_function.policy_work.arn}:*",
        "arn:aws:lambda:${data.aws_service.lambda.region}:*:*/$${aws:x}",
    ]
    assert policy["role"] == "${aws_iam_role.policy_work_role.id}"


def test_an_existing_role_is_kept(merged: Merged) -> None:
    template = merged("role")
    assert the(template, "aws_lambda_function", "role_work")["role"] == ROLE
    assert "aws_iam_role" not in template["resource"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("schedule", "rate(1 hour)"), ("cron", "cron(0 18 ? * MON-FRI *)")],
)
def test_the_rule_of_a_schedule_is_named_after_app_and_stage(
    name: str, expected: str, merged: Merged
) -> None:
    rule = the(merged(name), "aws_cloudwatch_event_rule", f"{name}_work-event")
    assert rule["schedule_expression"] == expected
    assert rule["name"] == f"app-{name}-dev-work-event"
    target = the(merged(name), "aws_cloudwatch_event_target", f"{name}_work-event")
    assert target["arn"] == f"${{aws_lambda_function.{name}_work.arn}}"
    assert target["rule"] == f"${{aws_cloudwatch_event_rule.{name}_work-event.name}}"


def test_a_cloudwatch_event_keeps_its_pattern(merged: Merged) -> None:
    rule = the(merged("cwevent"), "aws_cloudwatch_event_rule", "cwevent_work-event")
    assert json.loads(rule["event_pattern"]) == {"source": ["aws.ec2"]}


def test_the_mapping_of_a_queue_depends_on_the_role_policy(merged: Merged) -> None:
    mapping = the(merged("sqs"), "aws_lambda_event_source_mapping", "sqs_work-sqs-event-source")
    assert mapping == {
        "batch_size": 5,
        "depends_on": ["aws_iam_role_policy.sqs_default-role"],
        "event_source_arn": "arn:${data.aws_partition.chalice.partition}:sqs:"
        "${data.aws_service.lambda.region}:${local.chalice_account_id}:jobs",
        "function_name": "${aws_lambda_function.sqs_work.arn}",
        "maximum_batching_window_in_seconds": 2,
        "scaling_config": {"maximum_concurrency": 7},
    }


def test_a_queue_given_by_arn_is_kept(merged: Merged) -> None:
    mapping = the(
        merged("sqsarn"), "aws_lambda_event_source_mapping", "sqsarn_work-sqs-event-source"
    )
    assert mapping["event_source_arn"] == "arn:aws:sqs:eu-west-1:123456789012:jobs"


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("sns", "jobs"),
        ("snsarn", "arn:aws:sns:eu-west-1:123456789012:news"),
        ("snsname", "${aws_sns_topic.news.name}"),
    ],
)
def test_the_subscription_and_permission_of_a_topic_are_kept(
    name: str, topic: str, merged: Merged
) -> None:
    key = f"{name}_work-sns-subscription"
    subscription = the(merged(name), "aws_sns_topic_subscription", key)
    permission = the(merged(name), "aws_lambda_permission", key)
    assert subscription["topic_arn"] == permission["source_arn"]
    assert subscription["topic_arn"].endswith(topic if name != "sns" else ":news")
    assert subscription["endpoint"] == f"${{aws_lambda_function.{name}_work.arn}}"


def test_bucket_notifications_depend_on_the_permissions_of_s3(merged: Merged) -> None:
    notifications = merged("s3")["resource"]["aws_s3_bucket_notification"]
    by_bucket = {body["bucket"]: body for body in notifications.values()}
    assert by_bucket["my.bucket"]["depends_on"] == [
        "aws_lambda_permission.s3_arrived-s3event",
        "aws_lambda_permission.s3_removed-s3event",
    ]
    assert by_bucket["my.bucket"]["lambda_function"][0] == {
        "events": ["s3:ObjectCreated:*"],
        "filter_prefix": "in/",
        "filter_suffix": ".csv",
        "lambda_function_arn": "${aws_lambda_function.s3_arrived.arn}",
    }
    assert by_bucket["${aws_s3_bucket.media.id}"]["depends_on"] == [
        "aws_lambda_permission.s3_media-s3event"
    ]


def test_the_mapping_of_a_table_stream_keeps_its_reference_and_starting_position(
    merged: Merged,
) -> None:
    mapping = the(
        merged("dynamodb"),
        "aws_lambda_event_source_mapping",
        "dynamodb_work-dynamodb-event-source",
    )
    assert mapping["event_source_arn"] == "${aws_dynamodb_table.events.stream_arn}"
    assert mapping["starting_position"] == "TRIM_HORIZON"


def test_a_kinesis_stream_is_kept(merged: Merged) -> None:
    mapping = the(
        merged("kinesis"), "aws_lambda_event_source_mapping", "kinesis_work-kinesis-event-source"
    )
    assert mapping["event_source_arn"].endswith("${local.chalice_account_id}:stream/clicks")
    assert mapping["batch_size"] == 10


def test_a_websocket_api_is_kept_and_needs_no_account_id(merged: Merged) -> None:
    template = merged("websocket")
    assert the(template, "aws_apigatewayv2_api", "websocket_websocket_api")["protocol_type"] == (
        "WEBSOCKET"
    )
    for handler in ("connect", "message", "disconnect"):
        name = f"websocket_websocket_{handler}"
        integration = the(template, "aws_apigatewayv2_integration", f"{name}_api_integration")
        assert integration["integration_uri"] == f"${{aws_lambda_function.{name}.invoke_arn}}"
        permission = the(template, "aws_lambda_permission", f"{name}_invoke_permission")
        assert permission["source_arn"] == (
            "${aws_apigatewayv2_api.websocket_websocket_api.execution_arn}/*"
        )
    deployment = the(template, "aws_apigatewayv2_deployment", "websocket_websocket_api_deployment")
    assert "aws_apigatewayv2_route.websocket_websocket_connect_route" in deployment["depends_on"]
    assert "account_id" not in template["variable"]


def test_the_domain_of_a_websocket_api_is_kept(merged: Merged) -> None:
    name = "websocket_websocket_api_custom_domain"
    domain = the(merged("websocket"), "aws_apigatewayv2_domain_name", name)
    assert domain["domain_name_configuration"] == {
        "certificate_arn": CERTIFICATE,
        "endpoint_type": "REGIONAL",
        "security_policy": "TLS_1_2",
    }
    assert domain["tags"] == {"of": "websocket"}


@pytest.mark.parametrize(("name", "is_edge"), [("domain", False), ("edge", True)])
def test_a_custom_domain_maps_to_the_http_api(name: str, is_edge: bool, merged: Merged) -> None:
    template = merged(name)
    key = f"{name}_api_gateway_custom_domain"
    domain = the(template, "aws_apigatewayv2_domain_name", key)
    assert domain["domain_name_configuration"] == {
        "certificate_arn": CERTIFICATE,
        "endpoint_type": "REGIONAL",
        "security_policy": "TLS_1_2",
    }
    assert ("lifecycle" in domain) is is_edge
    assert the(template, "aws_apigatewayv2_api_mapping", f"{key}_mapping") == {
        "api_id": "${aws_apigatewayv2_api.api.id}",
        "domain_name": f"${{aws_apigatewayv2_domain_name.{key}.id}}",
        "stage": "${aws_apigatewayv2_stage.api.id}",
    }
    outputs = template["output"][name]["value"]
    configuration = f"aws_apigatewayv2_domain_name.{key}.domain_name_configuration[0]"
    assert outputs["AliasDomainName"] == f"${{{configuration}.target_domain_name}}"
    assert outputs["HostedZoneId"] == f"${{{configuration}.hosted_zone_id}}"


def test_version_constraints_are_current_and_the_null_provider_is_removed(merged: Merged) -> None:
    template = merged("sqs")
    assert template["terraform"] == {
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.0"}},
        "required_version": ">= 1.5",
    }
    assert set(template["data"]) == {"aws_caller_identity", "aws_partition", "aws_service"}


@pytest.mark.parametrize("name", FEATURES)
def test_no_data_source_is_used_that_provider_6_deprecates(name: str, merged: Merged) -> None:
    assert "data.aws_region" not in json.dumps(merged(name))


def test_the_account_id_is_looked_up_only_if_it_is_needed(merged: Merged) -> None:
    assert "account_id" in merged("sqs")["variable"]
    assert "data" not in merged("routes")


def test_the_payload_format_and_api_name_can_be_set(
    feature: Callable[[str], Source],
) -> None:
    template = merge([feature("builtin")], Options(api_name="front", payload_format="2.0"))
    assert set(template["resource"]["aws_apigatewayv2_api"]) == {"front"}
    integration = the(template, "aws_apigatewayv2_integration", "builtin")
    assert integration["payload_format_version"] == "2.0"
    authorizer = the(template, "aws_apigatewayv2_authorizer", "builtin_keys")
    assert authorizer["authorizer_payload_format_version"] == "1.0"


def test_chalice_rejects_log_retention_for_terraform(packaged: Package) -> None:
    app = ChaliceApp(FEATURES["function"].code, {"log_retention_in_days": 7})
    with pytest.raises(PackagingError, match="UnsupportedFeatureError"):
        packaged("retention", app)
