"""The publisher of integration events, which exists only where they are asked for."""

import json
from typing import Any

import pytest

from core.config import PROJECT_NAME
from tests.infrastructure.stack.planning import APP_NAMES, Plan

pytestmark = pytest.mark.xdist_group("terraform")

NAME = f"{PROJECT_NAME}-production"
FUNCTION = f"{APP_NAMES['query']}-production-publish"
ACCOUNT = "eu-central-1:000000000000"
EVENTS = f"arn:aws:dynamodb:{ACCOUNT}:table/{PROJECT_NAME}-events"
MAPPING = "query_publish-dynamodb-event-source"


def test_without_them_nothing_of_it_exists(service: Plan, optional: Plan) -> None:
    def ours(plan: Plan) -> list[str]:
        resources = plan.json["planned_values"]["root_module"]["resources"]
        names = ("publish", "integration_events", "not-published")
        return [r["address"] for r in resources if any(name in r["address"] for name in names)]

    assert ours(service) == []
    assert len(ours(optional)) > 8


def test_the_function_has_exactly_the_permissions_it_needs(optional: Plan) -> None:
    policy = optional.resources("aws_iam_role_policy")["query_publish_role"]["policy"]
    allowed = {each["Resource"]: set(each["Action"]) for each in json.loads(policy)["Statement"]}
    assert allowed == {
        f"{EVENTS}/stream/*": {
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
        },
        EVENTS: {"dynamodb:Query"},
        f"arn:aws:events:{ACCOUNT}:event-bus/{NAME}-integration-events": {"events:PutEvents"},
        f"arn:aws:sqs:{ACCOUNT}:{NAME}-publisher-failures": {"sqs:SendMessage"},
        f"arn:aws:logs:{ACCOUNT}:log-group:/aws/lambda/{FUNCTION}:*": {
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        },
        "*": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
    }


def test_the_function_is_of_the_query_services_image_and_knows_its_bus(optional: Plan) -> None:
    functions = optional.resources("aws_lambda_function")
    function = functions["query_publish"]
    assert function["function_name"] == FUNCTION
    assert function["image_uri"] == functions["query_project"]["image_uri"]
    assert function["image_config"][0]["command"] == ["app.publish"]
    variables = function["environment"][0]["variables"]
    assert variables["EVENT_BUS"] == f"{NAME}-integration-events"
    assert variables["EVENT_SOURCE"] == "https://books.example.com/"
    assert "EVENT_BUS" not in functions["query_api_handler"]["environment"][0]["variables"]


def mapping(plan: Plan, name: str) -> dict[str, Any]:
    return dict(plan.resources("aws_lambda_event_source_mapping")[name])


def test_its_mapping_is_the_projectors_but_for_inserts_alone_and_one_batch_at_a_time(
    optional: Plan,
) -> None:
    ours = mapping(optional, MAPPING)
    theirs = mapping(optional, "query_project-dynamodb-event-source")
    [criterion] = ours.pop("filter_criteria")[0]["filter"]
    pattern = json.loads(criterion["pattern"])
    assert pattern["eventName"] == ["INSERT"]
    assert pattern["dynamodb"] == {"Keys": {"version": {"N": [{"anything-but": ["0"]}]}}}
    assert ours.pop("parallelization_factor") == 1
    apart = ("filter_criteria", "parallelization_factor", "destination_config")
    assert ours.items() >= {n: v for n, v in theirs.items() if n not in apart}.items()


def test_what_is_given_up_goes_to_a_queue_of_its_own(optional: Plan) -> None:
    references = optional.references(f"aws_lambda_event_source_mapping.{MAPPING}")
    assert "aws_sqs_queue.publisher_failures[0].arn" in references
    assert set(optional.resources("aws_sqs_queue")) == {"projector_failures", "publisher_failures"}


def test_the_mapping_waits_for_the_policy_of_its_function(optional: Plan) -> None:
    configured = optional.configuration(f"aws_lambda_event_source_mapping.{MAPPING}")
    assert configured["depends_on"] == ["aws_iam_role_policy.query_publish_role"]


def test_the_bus_has_an_archive_only_where_days_are_given(optional: Plan) -> None:
    [archive] = optional.resources("aws_cloudwatch_event_archive").values()
    assert archive["retention_days"] == 7
    references = optional.references("aws_cloudwatch_event_archive.integration_events")
    assert "aws_cloudwatch_event_bus.integration_events[0].arn" in references


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration", "IteratorAge"])
def test_the_function_has_alarms(optional: Plan, metric: str) -> None:
    alarms = optional.resources("aws_cloudwatch_metric_alarm").values()
    watched = {a["dimensions"]["FunctionName"] for a in alarms if a["metric_name"] == metric}
    assert FUNCTION in watched


def test_an_alarm_goes_off_when_an_event_is_set_aside(optional: Plan) -> None:
    alarm = optional.resources("aws_cloudwatch_metric_alarm")['service["events-not-published"]']
    assert (alarm["namespace"], alarm["metric_name"]) == (NAME, "EventsNotPublished")
    assert (alarm["dimensions"], alarm["threshold"]) == ({"service": "publisher"}, 0)
