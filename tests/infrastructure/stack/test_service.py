"""What the plan of the service must have, where features/ cannot express it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.command.app import app as command_app
from apps.query.app import app as query_app
from core.adapters.dynamodb.event_store import CLAIM_VERSION
from core.adapters.emf import embedder
from core.adapters.stream.metrics import measured
from core.adapters.stream.projector import Projection
from core.config import PROJECT_NAME
from tests.infrastructure.stack.planning import APP_NAMES, ROOT, TERRAFORM, Plan
from tests.support.emf import metrics_of

pytestmark = pytest.mark.xdist_group("terraform")

FUNCTIONS = {
    "command_api_handler": f"{APP_NAMES['command']}-production",
    "query_api_handler": f"{APP_NAMES['query']}-production",
    "query_project": f"{APP_NAMES['query']}-production-project",
}
RUNBOOK = ROOT / "docs" / "how-to" / "runbook.md"
ALARM_SECTION = re.compile(r"^## ([a-z0-9-]+)$", re.MULTILINE)
ACCOUNT = "eu-central-1:000000000000"
EVENTS = f"arn:aws:dynamodb:{ACCOUNT}:table/{PROJECT_NAME}-events"
CATALOGUE = f"arn:aws:dynamodb:{ACCOUNT}:table/{PROJECT_NAME}-catalogue"
LOGS = {
    name: f"arn:aws:logs:{ACCOUNT}:log-group:/aws/lambda/{function}:*"
    for name, function in FUNCTIONS.items()
}
OWN_LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACES = {"*": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}}

# All permissions of each function. The calls are in core/adapters/dynamodb: a transaction needs the
# permissions of its parts, and has none of its own. A Scan finds out whether a table without a
# pointer is empty.
PERMISSIONS: dict[str, dict[str, set[str]]] = {
    "command_api_handler": {
        EVENTS: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:DeleteItem"},
        LOGS["command_api_handler"]: OWN_LOG,
        **TRACES,
    },
    "query_api_handler": {
        CATALOGUE: {
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
        },
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
        EVENTS: {"dynamodb:PutItem", "dynamodb:Query"},
        CATALOGUE: {
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
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


def test_one_apply_creates_everything(service: Plan) -> None:
    actions = {tuple(change["change"]["actions"]) for change in service.json["resource_changes"]}
    assert actions == {("create",)}


def test_both_apps_have_their_functions(service: Plan) -> None:
    functions = service.resources("aws_lambda_function")
    names = {name: function["function_name"] for name, function in functions.items()}
    assert names == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_exactly_the_permissions_it_needs(service: Plan, function: str) -> None:
    allowed: dict[str, set[str]] = {}
    for statement in policy(service, function):
        allowed.setdefault(statement["Resource"], set()).update(statement["Action"])
    assert allowed == PERMISSIONS[function]


@pytest.mark.parametrize(
    ("function", "action", "keys"),
    [
        ("command_api_handler", "dynamodb:DeleteItem", "claim#*"),
        ("query_project", "dynamodb:PutItem", "snapshot#*"),
    ],
)
def test_only_claims_can_be_deleted_from_the_events_table_and_the_projector_puts_only_snapshots(
    service: Plan, function: str, action: str, keys: str
) -> None:
    [statement] = [
        statement
        for statement in policy(service, function)
        if action in statement["Action"] and statement["Resource"] == EVENTS
    ]
    assert statement["Action"] == [action]
    condition = statement["Condition"]["ForAllValues:StringLike"]
    assert condition == {"dynamodb:LeadingKeys": [keys]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_has_its_own_role(service: Plan, function: str) -> None:
    references = service.references(f"aws_lambda_function.{function}")
    assert f"aws_iam_role.{function}_role.arn" in references


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_has_the_log_group_that_lambda_writes_to(
    service: Plan, function: str
) -> None:
    group = service.resources("aws_cloudwatch_log_group")[function]
    assert group["name"] == f"/aws/lambda/{FUNCTIONS[function]}"


def test_functions_have_exactly_the_environment_they_need(service: Plan) -> None:
    environments = {
        name: function["environment"][0]["variables"]
        for name, function in service.resources("aws_lambda_function").items()
    }
    common = {
        "STORE": "dynamodb",
        "EVENTS_TABLE": f"{PROJECT_NAME}-events",
        "JWT_ISSUER": service.json["variables"]["jwt_issuer"]["value"],
        "JWT_AUDIENCE": PROJECT_NAME,
        "TRACING": "xray",
    }
    metrics = {"METRICS_NAMESPACE": f"{PROJECT_NAME}-production"}
    assert environments == {
        "command_api_handler": common
        | metrics
        | {
            "ACTOR": "subject",
            "ACTOR_KEY_PARAMETER": f"/{PROJECT_NAME}-production/actor-key",
        },
        "query_api_handler": common | {"CATALOGUE_TABLE": f"{PROJECT_NAME}-catalogue"},
        "query_project": common | metrics | {"CATALOGUE_TABLE": f"{PROJECT_NAME}-catalogue"},
    }


def test_no_function_may_read_the_key_of_digests_that_are_not_made(service: Plan) -> None:
    policies = service.resources("aws_iam_role_policy")
    assert "ssm:" not in json.dumps(policies)


def test_no_concurrency_is_reserved_by_default(service: Plan) -> None:
    functions = service.resources("aws_lambda_function").values()
    assert {function["reserved_concurrent_executions"] for function in functions} == {-1}


def test_functions_time_out_before_api_gateway_does(service: Plan) -> None:
    functions = service.resources("aws_lambda_function")
    behind_the_api = [functions[f"{app}_api_handler"]["timeout"] for app in ("command", "query")]
    assert max(behind_the_api) < 30  # the maximum integration timeout of HTTP APIs


def test_every_route_of_the_apps_has_its_authorization(service: Plan) -> None:
    declared = {
        f"{method} {path}": entry.authorizer.scopes if entry.authorizer else None
        for app in (command_app, query_app)
        for path, methods in app.routes.items()
        for method, entry in methods.items()
    }
    routes = service.resources("aws_apigatewayv2_route").values()
    assert {r["route_key"]: r["authorization_scopes"] for r in routes} == declared


def test_every_get_has_a_head_with_the_same_authorization(service: Plan) -> None:
    planned = service.resources("aws_apigatewayv2_route").values()
    routes = {
        route["route_key"]: (route["authorization_type"], route["authorization_scopes"])
        for route in planned
    }
    heads = {key.removeprefix("HEAD "): about for key, about in routes.items() if "HEAD" in key}
    gets = {key.removeprefix("GET "): about for key, about in routes.items() if "GET" in key}
    assert heads == gets


def test_no_page_of_another_origin_may_use_the_api_by_default(service: Plan) -> None:
    assert service.resources("aws_apigatewayv2_api")["api"]["cors_configuration"] == []


def test_writes_and_audits_have_their_own_limits_and_reads_the_default(service: Plan) -> None:
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
        "HEAD /v1/catalog/books/{id}/history": 20,
    }
    assert stage["default_route_settings"][0]["throttling_rate_limit"] == 500


def test_claims_do_not_reach_the_projector(service: Plan) -> None:
    [mapping] = service.resources("aws_lambda_event_source_mapping").values()
    [criterion] = mapping["filter_criteria"][0]["filter"]
    [version] = json.loads(criterion["pattern"])["dynamodb"]["Keys"]["version"]["N"]
    assert version == {"anything-but": [str(CLAIM_VERSION)]}


def test_the_event_source_mapping_depends_on_the_policy_of_the_projector(service: Plan) -> None:
    mapping = service.configuration(
        "aws_lambda_event_source_mapping.query_project-dynamodb-event-source"
    )
    assert mapping["depends_on"] == ["aws_iam_role_policy.query_project_role"]


def test_the_stage_depends_on_the_routes_that_it_limits(service: Plan) -> None:
    stage = service.configuration("aws_apigatewayv2_stage.api")
    assert stage["depends_on"] == ["aws_apigatewayv2_route.command", "aws_apigatewayv2_route.query"]


def test_only_this_api_may_invoke_the_functions(service: Plan) -> None:
    permissions = service.resources("aws_lambda_permission")
    assert set(permissions) == {"command_rest_api_invoke", "query_rest_api_invoke"}
    for name in permissions:
        references = service.references(f"aws_lambda_permission.{name}")
        assert "aws_apigatewayv2_api.api.execution_arn" in references


def watched(service: Plan, metric: str, dimension: str) -> set[str]:
    return {
        alarm["dimensions"][dimension]
        for alarm in service.resources("aws_cloudwatch_metric_alarm").values()
        if alarm["metric_name"] == metric
    }


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration"])
def test_every_function_has_an_alarm(service: Plan, metric: str) -> None:
    assert watched(service, metric, "FunctionName") == set(FUNCTIONS.values())


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_every_table_has_an_alarm(service: Plan, metric: str) -> None:
    tables = service.resources("aws_dynamodb_table").values()
    assert watched(service, metric, "TableName") == {table["name"] for table in tables}


@pytest.mark.parametrize(
    ("alarm", "metric"),
    [("projection-lag", "ProjectionLag"), ("events-set-aside", "EventsSetAside")],
)
def test_alarms_watch_the_metrics_that_the_projector_puts(
    service: Plan, alarm: str, metric: str
) -> None:
    projector = service.resources("aws_lambda_function")["query_project"]
    namespace = projector["environment"][0]["variables"]["METRICS_NAMESPACE"]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    line = measured(Projection(None, oldest=now, set_aside=1), now, embedder(namespace))
    planned = service.resources("aws_cloudwatch_metric_alarm")[f'service["{alarm}"]']
    assert planned["namespace"] == line["_aws"]["CloudWatchMetrics"][0]["Namespace"]
    assert planned["metric_name"] == metric
    assert (metric, tuple(planned["dimensions"].items())) in metrics_of(line)


def test_no_table_has_an_index_whose_throttling_no_alarm_would_see(service: Plan) -> None:
    tables = service.resources("aws_dynamodb_table").values()
    indexes = ("global_secondary_index", "local_secondary_index")
    assert [table.get(kind) or [] for table in tables for kind in indexes] == 4 * [[]]


def test_an_alarm_compares_the_writes_of_events_with_the_invocations_of_the_projector(
    service: Plan,
) -> None:
    alarm = service.resources("aws_cloudwatch_metric_alarm")['stopped["projector"]']
    queries = {query["id"]: query for query in alarm["metric_query"]}
    dimensions = {
        name: query["metric"][0]["dimensions"] for name, query in queries.items() if query["metric"]
    }
    events = {"TableName": f"{PROJECT_NAME}-events"}
    assert dimensions == {
        "puts": events | {"Operation": "PutItem"},
        "transactions": events | {"Operation": "TransactWriteItems"},
        "invocations": {"FunctionName": FUNCTIONS["query_project"]},
    }
    # FILL: without a call there is no data, and without data nothing could be compared.
    assert all(f"FILL({name}, 0)" in queries["stopped"]["expression"] for name in dimensions)


def test_an_alarm_goes_off_before_the_projector_times_out(service: Plan) -> None:
    alarms = service.resources("aws_cloudwatch_metric_alarm")
    timeout = service.resources("aws_lambda_function")["query_project"]["timeout"]
    assert alarms['service["projector-duration"]']["threshold"] < 1000 * timeout


@pytest.mark.parametrize("alarms", ["service", "stopped"])
def test_alarms_are_published_to_the_topic(service: Plan, alarms: str) -> None:
    expressions = service.configuration(f"aws_cloudwatch_metric_alarm.{alarms}")["expressions"]
    assert "aws_sns_topic.alarms.arn" in expressions["alarm_actions"]["references"]


def test_the_end_of_an_alarm_is_reported_unless_it_counts_what_arrives(service: Plan) -> None:
    alarms = service.resources("aws_cloudwatch_metric_alarm")
    silent = {name for name in alarms if not reports_its_end(service, name)}
    assert silent == {
        'service["events-set-aside"]',
        'service["projector-failures"]',
        'service["projector-failures-lost"]',
    }


def reports_its_end(service: Plan, alarm: str) -> bool:
    """Return whether an alarm has OK actions: their ARN is unknown until it is applied."""
    address = f"aws_cloudwatch_metric_alarm.{alarm}"
    known = service.resources("aws_cloudwatch_metric_alarm")[alarm].get("ok_actions")
    return bool(known or service.unknown(address).get("ok_actions"))


def test_the_pager_is_told_only_what_a_person_must_get_up_for(service: Plan) -> None:
    [health] = service.resources("aws_cloudwatch_composite_alarm").values()
    name = f"{PROJECT_NAME}-production"
    paging = ["api-5xx", "projection-lag", "projector-iterator-age", "projector-stopped"]
    assert health["alarm_rule"] == " OR ".join(f'ALARM("{name}-{each}")' for each in paging)
    outputs = service.json["planned_values"]["outputs"]
    assert outputs["health_alarm"]["value"] == health["alarm_name"] == f"{name}-health"


def test_every_alarm_links_to_its_section_of_the_runbook_and_every_section_is_of_an_alarm(
    service: Plan,
) -> None:
    sections = set(ALARM_SECTION.findall(RUNBOOK.read_text()))
    kinds = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    alarms = [alarm for kind in kinds for alarm in service.resources(kind).values()]
    linked = {alarm["alarm_description"].partition("runbook.md#")[2] for alarm in alarms}
    assert linked <= sections
    # Those of optional functions are in no plan of the defaults.
    texts = "".join(path.read_text() for path in TERRAFORM.glob("*.tf"))
    named = re.findall(r'section += "([a-z0-9-]+)"|runbook}#([a-z0-9-]+)"', texts)
    assert {one or other for one, other in named} == sections


def test_alarms_are_deleted_after_the_composite_alarm_has_forgotten_them() -> None:
    text = (TERRAFORM / "alarms.tf").read_text()
    alarms = re.findall(
        r'^resource "aws_cloudwatch_metric_alarm" .+?^}', text, re.MULTILINE | re.DOTALL
    )
    assert len(alarms) == 2
    assert all("create_before_destroy = true" in alarm for alarm in alarms)


def test_outputs_name_what_operators_need(service: Plan) -> None:
    assert {
        "alarm_topic_arn",
        "api_url",
        "dashboard",
        "dead_letter_queue_url",
        "functions",
        "health_alarm",
        "log_groups",
        "pager_topic_arn",
        "tables",
    } <= set(service.json["planned_values"]["outputs"])


@pytest.mark.parametrize(
    "kind",
    [
        "aws_apigatewayv2_domain_name",
        "aws_cloudwatch_event_archive",
        "aws_cloudwatch_event_bus",
        "aws_lambda_alias",
        "aws_lambda_provisioned_concurrency_config",
        "aws_route53_record",
        "aws_sns_topic_subscription",
    ],
)
def test_optional_resources_are_not_created_by_default(service: Plan, kind: str) -> None:
    assert service.resources(kind) == {}
