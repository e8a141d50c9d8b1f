"""What the plan of the service says, where features/ cannot say it."""

import json
from typing import Any

import pytest

from apps.command.app import app as command_app
from apps.query.app import app as query_app
from core.adapters.dynamodb.event_store import CLAIM_VERSION
from core.config import PROJECT_NAME
from tests.infrastructure.stack.planning import APP_NAMES, Plan

pytestmark = pytest.mark.xdist_group("terraform")

FUNCTIONS = {
    "command_api_handler": f"{APP_NAMES['command']}-production",
    "query_api_handler": f"{APP_NAMES['query']}-production",
    "query_project": f"{APP_NAMES['query']}-production-project",
}
ACCOUNT = "eu-central-1:000000000000"
EVENTS = f"arn:aws:dynamodb:{ACCOUNT}:table/{PROJECT_NAME}-events"
CATALOGUE = f"arn:aws:dynamodb:{ACCOUNT}:table/{PROJECT_NAME}-catalogue"
LOGS = {
    name: f"arn:aws:logs:{ACCOUNT}:log-group:/aws/lambda/{function}:*"
    for name, function in FUNCTIONS.items()
}
OWN_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACES = {"*": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}}

# All that each function may do. What it does is in core/adapters/dynamodb: a transaction needs the
# permission of each of its parts, and there is none for the transaction.
PERMISSIONS: dict[str, dict[str, set[str]]] = {
    "command_api_handler": {
        EVENTS: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:DeleteItem"},
        LOGS["command_api_handler"]: OWN_LOG,
        **TRACES,
    },
    "query_api_handler": {
        CATALOGUE: {"dynamodb:GetItem"},
        f"{CATALOGUE}/index/*": {"dynamodb:Query"},
        EVENTS: {"dynamodb:Query"},
        LOGS["query_api_handler"]: OWN_LOG,
        **TRACES,
    },
    "query_project": {
        f"{EVENTS}/stream/*": {
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        },
        EVENTS: {"dynamodb:Query"},
        CATALOGUE: {
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        },
        f"arn:aws:sqs:{ACCOUNT}:{PROJECT_NAME}-production-projector-failures": {"sqs:SendMessage"},
        LOGS["query_project"]: OWN_LOG,
        **TRACES,
    },
}


def policy(service: Plan, function: str) -> list[dict[str, Any]]:
    text = service.resources("aws_iam_role_policy")[f"{function}_role"]["policy"]
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    return statements


def test_a_first_apply_creates_everything_and_waits_for_no_second_one(service: Plan) -> None:
    actions = {tuple(change["change"]["actions"]) for change in service.json["resource_changes"]}
    assert actions == {("create",)}


def test_there_are_the_functions_of_both_apps(service: Plan) -> None:
    functions = service.resources("aws_lambda_function")
    names = {name: function["function_name"] for name, function in functions.items()}
    assert names == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_needs_and_nothing_else(service: Plan, function: str) -> None:
    allowed: dict[str, set[str]] = {}
    for statement in policy(service, function):
        allowed.setdefault(statement["Resource"], set()).update(statement["Action"])
    assert allowed == PERMISSIONS[function]


def test_an_event_cannot_be_deleted_since_only_keys_of_claims_can(service: Plan) -> None:
    [statement] = [
        statement
        for statement in policy(service, "command_api_handler")
        if "dynamodb:DeleteItem" in statement["Action"]
    ]
    assert statement["Action"] == ["dynamodb:DeleteItem"]
    keys = statement["Condition"]["ForAllValues:StringLike"]
    assert keys == {"dynamodb:LeadingKeys": ["claim#*"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_role_of_its_own(service: Plan, function: str) -> None:
    references = service.references(f"aws_lambda_function.{function}")
    assert f"aws_iam_role.{function}_role.arn" in references


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_s_log_group_is_there_and_named_as_lambda_wants(
    service: Plan, function: str
) -> None:
    group = service.resources("aws_cloudwatch_log_group")[function]
    assert group["name"] == f"/aws/lambda/{FUNCTIONS[function]}"


def test_functions_know_what_they_need_and_nothing_else(service: Plan) -> None:
    environments = {
        name: function["environment"][0]["variables"]
        for name, function in service.resources("aws_lambda_function").items()
    }
    common = {
        "STORE": "dynamodb",
        "EVENTS_TABLE": f"{PROJECT_NAME}-events",
        "JWT_ISSUER": service.json["variables"]["jwt_issuer"]["value"],
        "JWT_AUDIENCE": PROJECT_NAME,
    }
    assert environments == {
        "command_api_handler": common,
        "query_api_handler": common | {"CATALOGUE_TABLE": f"{PROJECT_NAME}-catalogue"},
        "query_project": common | {"CATALOGUE_TABLE": f"{PROJECT_NAME}-catalogue"},
    }


def test_functions_give_up_before_api_gateway_does(service: Plan) -> None:
    functions = service.resources("aws_lambda_function")
    behind_the_api = [functions[f"{app}_api_handler"]["timeout"] for app in ("command", "query")]
    assert max(behind_the_api) < 30  # "Quotas for HTTP APIs": the longest integration timeout


def test_every_route_of_the_apps_is_there_with_its_authorization(service: Plan) -> None:
    declared = {
        f"{method} {path}": entry.authorizer.scopes if entry.authorizer else None
        for app in (command_app, query_app)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
    }
    routes = service.resources("aws_apigatewayv2_route").values()
    assert {r["route_key"]: r["authorization_scopes"] for r in routes} == declared


def test_writes_and_audits_have_limits_of_their_own_and_reads_the_default(service: Plan) -> None:
    stage = service.resources("aws_apigatewayv2_stage")["api"]
    limits = {
        settings["route_key"]: settings["throttling_rate_limit"]
        for settings in stage["route_settings"]
    }
    assert limits == {
        "POST /v1/catalog/books": 100,
        "PATCH /v1/catalog/books/{id}": 100,
        "DELETE /v1/catalog/books/{id}": 100,
        "GET /v1/catalog/books/{id}/history": 20,
    }
    assert stage["default_route_settings"][0]["throttling_rate_limit"] == 500


def test_claims_do_not_reach_the_projector(service: Plan) -> None:
    [mapping] = service.resources("aws_lambda_event_source_mapping").values()
    [criterion] = mapping["filter_criteria"][0]["filter"]
    [version] = json.loads(criterion["pattern"])["dynamodb"]["Keys"]["version"]["N"]
    assert version == {"anything-but": [str(CLAIM_VERSION)]}


def test_the_projector_may_read_the_stream_before_it_is_called_for_it(service: Plan) -> None:
    [mapping] = [
        resource
        for resource in service.json["configuration"]["root_module"]["resources"]
        if resource["type"] == "aws_lambda_event_source_mapping"
    ]
    assert mapping["depends_on"] == ["aws_iam_role_policy.query_project_role"]


def test_the_stage_waits_for_the_routes_whose_limits_it_has(service: Plan) -> None:
    [stage] = [
        resource
        for resource in service.json["configuration"]["root_module"]["resources"]
        if resource["type"] == "aws_apigatewayv2_stage"
    ]
    assert stage["depends_on"] == ["aws_apigatewayv2_route.command", "aws_apigatewayv2_route.query"]


def test_only_this_api_may_call_the_functions(service: Plan) -> None:
    permissions = service.resources("aws_lambda_permission")
    assert set(permissions) == {"command_rest_api_invoke", "query_rest_api_invoke"}
    for name in permissions:
        references = service.references(f"aws_lambda_permission.{name}")
        assert "aws_apigatewayv2_api.api.execution_arn" in references


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration"])
def test_every_function_has_an_alarm(service: Plan, metric: str) -> None:
    watched = {
        alarm["dimensions"]["FunctionName"]
        for alarm in service.resources("aws_cloudwatch_metric_alarm").values()
        if alarm["metric_name"] == metric
    }
    assert watched == set(FUNCTIONS.values())


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_every_table_has_an_alarm(service: Plan, metric: str) -> None:
    watched = {
        alarm["dimensions"]["TableName"]
        for alarm in service.resources("aws_cloudwatch_metric_alarm").values()
        if alarm["metric_name"] == metric
    }
    tables = service.resources("aws_dynamodb_table").values()
    assert watched == {table["name"] for table in tables}


def test_an_alarm_rings_before_the_projector_runs_out_of_time(service: Plan) -> None:
    alarms = service.resources("aws_cloudwatch_metric_alarm")
    timeout = service.resources("aws_lambda_function")["query_project"]["timeout"]
    assert alarms['service["projector-duration"]']["threshold"] < 1000 * timeout


def test_alarms_go_to_the_topic(service: Plan) -> None:
    [alarms] = [
        resource["expressions"]
        for resource in service.json["configuration"]["root_module"]["resources"]
        if resource["type"] == "aws_cloudwatch_metric_alarm"
    ]
    assert "aws_sns_topic.alarms.arn" in alarms["alarm_actions"]["references"]


def test_what_people_need_to_know_is_an_output(service: Plan) -> None:
    assert {
        "alarm_topic_arn",
        "api_url",
        "dashboard",
        "dead_letter_queue_url",
        "functions",
        "log_groups",
        "tables",
    } <= set(service.json["planned_values"]["outputs"])


@pytest.mark.parametrize(
    "kind",
    [
        "aws_apigatewayv2_domain_name",
        "aws_lambda_alias",
        "aws_lambda_provisioned_concurrency_config",
        "aws_route53_record",
        "aws_sns_topic_subscription",
    ],
)
def test_what_nobody_asked_for_is_not_made(service: Plan, kind: str) -> None:
    assert service.resources(kind) == {}
