"""The whole stack on an emulator of AWS (ministack): applied once, used over HTTP, destroyed.

Terraform, the images by their digests and all requests are those of a user. Only the registry is
named by its address (REGISTRY=), because ECR's own names lead to AWS; the tokens come from an
issuer on this machine.

What the emulator lacks, and what is therefore not tested here:
- payload format 1.0: it sends 2.0, whatever an integration says;
- the condition key dynamodb:LeadingKeys in a policy. All else in the functions' policies is
  enforced;
- throttling of routes and stages, lines in the access log, and refusal of tokens without ``exp``;
- Lambda's own side of an image: AWS's Runtime Interface Emulator replaces the runtime interface;
  nothing replaces the read-only file system, the memory limit and X-Ray;
- partial batch responses, and retries and destinations for them, on a table's stream:
  ``launcher.streams`` adds them as AWS documents them, so the record that grows too old tests our
  responses and settings, and not AWS's service. Parallel batches and bisection are missing, and
  one shard has the whole stream;
- metrics of the API, the tables, the queue and the functions: no alarm goes off, and no mail is
  sent;
- the effect of settings that it only stores: encryption, image scans, lifecycle policies,
  point-in-time recovery.
``launcher`` says which of its responses are patched, so that the second plan is empty.
"""

from typing import Any

import pytest

from core.config import PROJECT_NAME
from tests.e2e.stack.deployed import Stack
from tests.e2e.stack.routes import SCOPES
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]


def test_the_second_plans_of_both_roots_are_empty(stack: Stack) -> None:
    """The service's is planned by GitHub's job, whose role only reads; so is no lock left."""
    stack.job("staging-plan").make("terraform-plan")
    stack.deployment.make("terraform-plan-registry")
    assert stack.deployment.changes("service") == {}
    assert stack.deployment.changes("registry") == {}


def test_the_functions_run_the_delivered_images_by_digest(stack: Stack) -> None:
    functions = stack.deployment.output("functions")
    get = stack.client("lambda").get_function
    used = {
        name: get(FunctionName=function)["Code"]["ImageUri"] for name, function in functions.items()
    }
    delivered = stack.deployment.images()
    assert used == {
        **delivered,
        "projector": delivered["query"],
        "publisher": delivered["query"],
    }
    assert all("@sha256:" in image for image in used.values())
    for app, image in delivered.items():
        [there] = stack.client("ecr").describe_images(repositoryName=f"{PROJECT_NAME}/{app}")[
            "imageDetails"
        ]
        assert image.endswith(there["imageDigest"])


def test_the_api_has_the_routes_of_the_apps_and_no_other(stack: Stack) -> None:
    client = stack.client("apigatewayv2")
    [api] = client.get_apis()["Items"]
    routes = client.get_routes(ApiId=api["ApiId"])["Items"]
    assert {route["RouteKey"] for route in routes} == set(SCOPES)


def test_the_alarms_watch_the_deployed_resources_and_notify_the_topic(stack: Stack) -> None:
    functions = stack.deployment.output("functions")
    topic = stack.deployment.output("alarm_topic_arn")
    queue = stack.deployment.output("dead_letter_queue_url").rpartition("/")[2]
    alarms = {
        alarm["AlarmName"].removeprefix(f"{PROJECT_NAME}-staging-"): alarm
        for alarm in stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    }
    kinds = ("errors", "throttles", "duration")
    expected = {f"{function}-{kind}" for function in functions for kind in kinds}
    of_followers = ("iterator-age", "stopped", "failures", "failures-left", "failures-lost")
    expected |= {f"{name}-{k}" for name in ("projector", "publisher") for k in of_followers}
    expected |= {"api-5xx", "projection-lag", "events-set-aside", "events-not-published"}
    expected |= {
        f"{t}-{use}-throttles" for t in ("events", "catalogue") for use in ("read", "write")
    }
    assert set(alarms) == expected
    assert all(alarm["AlarmActions"] == [topic] for alarm in alarms.values())
    assert alarms["projector-failures"]["Dimensions"] == [{"Name": "QueueName", "Value": queue}]
    assert stack.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]


def test_the_pager_is_told_while_an_alarm_is_on_that_a_person_must_get_up_for(stack: Stack) -> None:
    name = stack.deployment.output("health_alarm")
    client = stack.client("cloudwatch")

    def health() -> dict[str, Any]:
        found = client.describe_alarms(AlarmTypes=["CompositeAlarm"], AlarmNames=[name])
        [alarm] = found["CompositeAlarms"]
        return dict(alarm)

    def set_state(alarm: str, value: str) -> None:
        alarm = name.replace("-health", f"-{alarm}")
        client.set_alarm_state(AlarmName=alarm, StateValue=value, StateReason="a test")

    assert health()["AlarmActions"] == [stack.deployment.output("pager_topic_arn")]
    set_state("projector-failures", "ALARM")
    assert health()["StateValue"] != "ALARM"
    set_state("api-5xx", "ALARM")
    assert until(lambda: health()["StateValue"], lambda state: state == "ALARM")
    set_state("api-5xx", "OK")
    assert until(lambda: health()["StateValue"], lambda state: state == "OK")


def test_every_function_and_the_api_has_a_log_group_with_a_retention(stack: Stack) -> None:
    groups = stack.client("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    named = stack.deployment.output("log_groups")
    assert kept == dict.fromkeys(named.values(), 30)
    client = stack.client("apigatewayv2")
    [api] = client.get_apis()["Items"]
    [stage] = client.get_stages(ApiId=api["ApiId"])["Items"]
    assert stage["AccessLogSettings"]["DestinationArn"].endswith(f":{named['api']}")


def test_a_destroy_leaves_nothing(stack: Stack) -> None:
    """This test runs last: it destroys the stack."""
    assert left(stack)
    stack.job("staging").make("terraform-destroy")
    stack.deployment.make("terraform-registry-destroy")
    assert stack.deployment.left_in_state() == []
    assert left(stack) == []


def left(stack: Stack) -> list[str]:
    """Return the names of what is in the account, of all kinds that the stack has."""
    listings: dict[str, tuple[str, str]] = {
        "lambda": ("list_functions", "Functions"),
        "apigatewayv2": ("get_apis", "Items"),
        "dynamodb": ("list_tables", "TableNames"),
        "sqs": ("list_queues", "QueueUrls"),
        "sns": ("list_topics", "Topics"),
        "logs": ("describe_log_groups", "logGroups"),
        "cloudwatch": ("describe_alarms", "MetricAlarms"),
        "iam": ("list_roles", "Roles"),
        "ecr": ("describe_repositories", "repositories"),
    }
    buses = [
        bus["Name"]
        for bus in stack.client("events").list_event_buses()["EventBuses"]
        if bus["Name"] != "default"
    ]
    found = [
        f"{service} {each}"
        for service, (operation, field) in listings.items()
        for each in getattr(stack.client(service), operation)().get(field, [])
        if not str(dict(each).get("RoleName", "") if service == "iam" else "").startswith("github-")
    ]
    mappings = stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    dashboards = stack.client("cloudwatch").list_dashboards()["DashboardEntries"]
    return found + [f"{each}" for each in (*mappings, *dashboards, *buses)]
