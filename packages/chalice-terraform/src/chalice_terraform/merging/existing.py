"""Reads what exists of an app: the files that ``--migrate`` names, recognized by their content.

- ``.chalice/deployed/STAGE.json``, in which ``chalice deploy`` records what it deployed (planner.py
  in Chalice 1.34 has all that it records),
- the state of a Terraform stack: ``terraform state pull``,
- listings of the AWS CLI of what neither of them has: log groups, the routes of a WebSocket API,
  and the API mappings of a custom domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .app import Resources
from .import_ids import import_id
from .model import Evidence, JsonObject, Problems, Source, in_app

LOG_GROUPS, ROUTES, API_MAPPINGS = "log groups", "routes", "API mappings"
LISTINGS: Mapping[str, str] = {
    LOG_GROUPS: "aws logs describe-log-groups --log-group-name-prefix /aws/lambda/",
    ROUTES: "aws apigatewayv2 get-routes --api-id",
    API_MAPPINGS: "aws apigatewayv2 get-api-mappings --domain-name",
}
"""From what a listing lists to the command that prints it, some without their last argument."""

DEPLOYMENT = "aws_api_gateway_deployment"
_REST_API = "aws_api_gateway_rest_api"
_WEBSOCKET_API = "aws_apigatewayv2_api"


@dataclass(frozen=True)
class Existing:
    """A resource that exists. ``name`` is its name in Chalice's Terraform, ``id`` that to import.

    ``thing`` is how the file that has it names it.
    """

    thing: str
    kind: str
    name: str
    id: str

    @property
    def address(self) -> str:
        """Its address in Chalice's Terraform."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Listing:
    """What a listing of the AWS CLI lists, one of ``LISTINGS``, and its items."""

    kind: str
    items: tuple[JsonObject, ...]


def read_listing(content: Any) -> Listing | None:
    """Return the listing in a file, or ``None`` if the file is another one."""
    for kind, member, keys in (
        (LOG_GROUPS, "logGroups", {"logGroupName"}),
        (ROUTES, "Items", {"RouteId", "RouteKey", "Target"}),
        (API_MAPPINGS, "Items", {"ApiMappingId"}),
    ):
        items = content.get(member) if isinstance(content, dict) else None
        if isinstance(items, list) and all(
            isinstance(it, dict) and keys <= set(it) for it in items
        ):
            return Listing(kind, tuple(items))
    return None


def is_deployed(content: Any) -> bool:
    """Return whether the file is a record of ``chalice deploy``."""
    return _has_resources(content, "resource_type") and "schema_version" in content


def is_state(content: Any) -> bool:
    """Return whether the file is the state of a Terraform stack."""
    return _has_resources(content, "type") and "lineage" in content


def _has_resources(content: Any, key: str) -> bool:
    resources = content.get("resources") if isinstance(content, dict) else None
    return isinstance(resources, list) and all(
        isinstance(each, dict) and isinstance(each.get(key), str) for each in resources
    )


def deployed_resources(
    evidence: Evidence, source: Source, problems: Problems
) -> Iterator[Existing]:
    """Yield what ``chalice deploy`` deployed, by the names in the source."""
    where = in_app(evidence.app, evidence.what)
    if evidence.content["schema_version"] != "2.0":
        problems.add(
            where,
            f"its schema_version {evidence.content['schema_version']} is not 2.0; deploy the app "
            "once with a current Chalice, which brings the file up to date",
        )
        return
    for record in evidence.content["resources"]:
        reader = _RECORDS.get(record["resource_type"])
        thing = f"{record['resource_type']} {record.get('name')}"
        try:
            if reader is None:
                problems.add(where, f"the merge does not know {thing}; import it by hand")
            else:
                yield from (Existing(thing, *found) for found in reader(record, source))
        except (KeyError, IndexError, TypeError, AttributeError):
            problems.add(where, f"{thing} is not as Chalice writes it; use the file unchanged")


_Found = tuple[str, str, str]  # type, name in Chalice's Terraform, id


def _role(record: JsonObject, _: Source) -> Iterator[_Found]:
    role = record["role_name"]
    yield "aws_iam_role", record["name"], role
    # chalice deploy gives the policy the role's name.
    yield "aws_iam_role_policy", record["name"], f"{role}:{role}"


def _function(record: JsonObject, _: Source) -> Iterator[_Found]:
    yield "aws_lambda_function", record["name"], record["lambda_arn"].split(":")[6]


def _layer(record: JsonObject, _: Source) -> Iterator[_Found]:
    yield "aws_lambda_layer_version", record["name"], record["layer_version_arn"]


def _log_group(record: JsonObject, _: Source) -> Iterator[_Found]:
    name = record["name"].removesuffix("-log-group")  # the merge names it after the function
    yield "aws_cloudwatch_log_group", name, record["log_group_name"]


def _rule(record: JsonObject, _: Source) -> Iterator[_Found]:
    rule = record["rule_name"]
    yield "aws_cloudwatch_event_rule", record["name"], rule
    # chalice deploy gives its target this id.
    yield "aws_cloudwatch_event_target", record["name"], f"{rule}/1"


def _mapping(record: JsonObject, _: Source) -> Iterator[_Found]:
    yield "aws_lambda_event_source_mapping", record["name"], record["event_uuid"]


def _subscription(record: JsonObject, _: Source) -> Iterator[_Found]:
    yield "aws_sns_topic_subscription", record["name"], record["subscription_arn"]


def _notification(record: JsonObject, _: Source) -> Iterator[_Found]:
    yield "aws_s3_bucket_notification", f"{record['bucket']}_notify", record["bucket"]


def _rest_api(record: JsonObject, _: Source) -> Iterator[_Found]:
    api = record["rest_api_id"]
    yield "aws_api_gateway_rest_api", record["name"], api
    # A record that an old Chalice wrote has no URL.
    stage = record.get("rest_api_url", "").rstrip("/").rpartition("/")[2]
    if stage:
        yield "aws_api_gateway_stage", record["name"], f"{api}/{stage}"


def _websocket_api(record: JsonObject, source: Source) -> Iterator[_Found]:
    api = record["websocket_api_id"]
    stage = record["websocket_api_url"].rstrip("/").rpartition("/")[2]
    yield from (("aws_apigatewayv2_api", name, api) for name in source.of_type(_WEBSOCKET_API))
    for name in source.of_type("aws_apigatewayv2_stage"):
        yield "aws_apigatewayv2_stage", name, f"{api}/{stage}"


def _domain(record: JsonObject, _: Source) -> Iterator[_Found]:
    name, domain = record["name"], record["domain_name"]
    websocket = name == "websocket_api_custom_domain"
    yield f"aws_api{'gatewayv2' if websocket else '_gateway'}_domain_name", name, domain
    for mapping in [] if websocket else record["api_mapping"]:
        path = mapping["key"].strip("/")
        suffix = f"_{path}" if path else ""
        yield "aws_api_gateway_base_path_mapping", f"{name}_mapping{suffix}", f"{domain}/{path}"


_RECORDS: Mapping[str, Callable[[JsonObject, Source], Iterator[_Found]]] = {
    "cloudwatch_event": _rule,
    "domain_name": _domain,
    "dynamodb_event": _mapping,
    "iam_role": _role,
    "kinesis_event": _mapping,
    "lambda_function": _function,
    "lambda_layer": _layer,
    "log_group": _log_group,
    "rest_api": _rest_api,
    "s3_event": _notification,
    "scheduled_event": _rule,
    "sns_event": _subscription,
    "sqs_event": _mapping,
    "websocket_api": _websocket_api,
}
"""From each type that ``chalice deploy`` records to what exists for it."""


def resources_in_state(
    evidence: Evidence, source: Source, problems: Problems
) -> Iterator[Existing]:
    """Yield the resources of Chalice's Terraform that a state has, in its root or in a module.

    Not among them are permissions whose ids the provider chose. It would import them by the
    function's name, where Chalice gives its ARN, and so replace them: in between, calls would be
    refused.
    """
    where = in_app(evidence.app, evidence.what)
    seen: dict[tuple[str, str], str] = {}
    for resource in evidence.content["resources"]:
        kind, name = resource["type"], str(resource.get("name"))
        if resource.get("mode") != "managed" or name not in source.of_type(kind):
            continue
        thing = ".".join(filter(None, (resource.get("module"), kind, name)))
        if seen.setdefault((kind, name), thing) != thing:
            problems.add(
                where,
                f"it has {seen[kind, name]} and {thing}; pull the state of one stack of this app",
            )
            continue
        try:
            attributes = resource["instances"][0]["attributes"]
            if kind != "aws_lambda_permission" or "statement_id" in source.of_type(kind)[name]:
                yield from (Existing(thing, *found) for found in _in_state(kind, name, attributes))
        except (KeyError, IndexError, TypeError, AttributeError):
            problems.add(where, f"{thing} lacks what its import needs; pull the state again")


def _in_state(kind: str, name: str, attributes: JsonObject) -> Iterator[_Found]:
    if kind == DEPLOYMENT:  # of which the stack makes another; it has made the stage
        identifier = f"{attributes['rest_api_id']}/{attributes['stage_name']}"
        yield "aws_api_gateway_stage", name, identifier
    else:
        yield kind, name, import_id(kind, attributes)


def listed_resources(
    listings: Sequence[Listing], source: Source, found: Sequence[Existing], stack: Resources
) -> Iterator[Existing]:
    """Yield what the listings have of the app. ``found`` is what is known of it without them."""
    apis = {each.id for each in found if each.kind in (_WEBSOCKET_API, _REST_API)}
    websocket_apis = [each.id for each in found if each.kind == _WEBSOCKET_API]
    for listing in listings:
        for item in listing.items:
            if listing.kind == LOG_GROUPS:
                yield from _listed_log_group(item, source, stack)
            elif listing.kind == ROUTES:
                yield from _listed_route(item, source, websocket_apis)
            elif not apis or item.get("ApiId") in apis:
                yield from _listed_mapping(item, source, websocket_apis)


def _listed_log_group(item: JsonObject, source: Source, stack: Resources) -> Iterator[Existing]:
    for name, body in stack.get("aws_cloudwatch_log_group", {}).items():
        app, _, own = name.partition("_")
        if app == source.name and body["name"] == item["logGroupName"]:
            yield Existing(body["name"], "aws_cloudwatch_log_group", own, body["name"])


def _listed_route(item: JsonObject, source: Source, apis: Sequence[str]) -> Iterator[Existing]:
    thing = f"route {item['RouteKey']}"
    for name, body in source.of_type("aws_apigatewayv2_route").items():
        for api in apis if body["route_key"] == item["RouteKey"] else ():
            yield Existing(thing, "aws_apigatewayv2_route", name, f"{api}/{item['RouteId']}")
            # integrations/${aws_apigatewayv2_integration.NAME.id} is integrations/ID
            target, identifier = body["target"].split(".")[1], item["Target"].rpartition("/")[2]
            yield Existing(thing, "aws_apigatewayv2_integration", target, f"{api}/{identifier}")


def _listed_mapping(item: JsonObject, source: Source, apis: Sequence[str]) -> Iterator[Existing]:
    if item.get("ApiMappingKey") not in (None, "", "(none)"):
        return
    kind = f"aws_api{'gatewayv2' if item.get('ApiId') in apis else '_gateway'}_domain_name"
    for name, body in source.of_type(kind).items():
        identifier = f"{item['ApiMappingId']}/{body['domain_name']}"
        thing = f"API mapping {item['ApiMappingId']}"
        yield Existing(thing, "aws_apigatewayv2_api_mapping", f"{name}_mapping", identifier)
