"""From each resource of an app to its blocks in the stack, by a table of all types known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from . import domains, events, functions, websockets
from .app import App
from .authorizers import Authorizers
from .http_api import authorizer_arn
from .model import Block, JsonObject, Options, Problems, resource


@dataclass(frozen=True, slots=True)
class Context:
    """What a resource's blocks may depend on."""

    app: App
    authorizers: Authorizers
    options: Options
    problems: Problems


Handler = Callable[[Context, str, JsonObject], Iterator[Block]]

# What Chalice writes into the resources that keep their type.
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    kind: frozenset(attributes.split())
    for kind, attributes in {
        "aws_apigatewayv2_api": "name protocol_type route_selection_expression",
        "aws_apigatewayv2_api_mapping": "api_id domain_name stage",
        "aws_apigatewayv2_deployment": "api_id depends_on",
        "aws_apigatewayv2_domain_name": "domain_name domain_name_configuration tags",
        "aws_apigatewayv2_integration": "api_id connection_type content_handling_strategy"
        " integration_type integration_uri",
        "aws_apigatewayv2_route": "api_id route_key target",
        "aws_apigatewayv2_stage": "api_id deployment_id name",
        "aws_cloudwatch_event_rule": "description event_pattern name schedule_expression",
        "aws_cloudwatch_event_target": "arn rule target_id",
        "aws_iam_role": "assume_role_policy name",
        "aws_iam_role_policy": "name policy role",
        "aws_lambda_event_source_mapping": "batch_size event_source_arn function_name"
        " maximum_batching_window_in_seconds scaling_config starting_position",
        "aws_lambda_permission": "action function_name principal source_account source_arn"
        " statement_id",
        "aws_s3_bucket_notification": "bucket lambda_function",
        "aws_sns_topic_subscription": "endpoint protocol topic_arn",
    }.items()
}

_REST_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "aws_api_gateway_deployment": frozenset(
        {"lifecycle", "rest_api_id", "stage_description", "stage_name"}
    ),
    "aws_api_gateway_rest_api": frozenset(
        {
            "binary_media_types",
            "body",
            "endpoint_configuration",
            "minimum_compression_size",  # refused by rest_api.py, as is policy
            "name",
            "policy",
        }
    ),
}


def resource_blocks(context: Context) -> Iterator[Block]:
    """The blocks of all resources of the app but its REST API, which http_api.py makes."""
    for kind, named in sorted(context.app.resources.items()):
        for name, body in sorted(named.items()):
            handler = _HANDLERS.get(kind)
            if handler is None:
                context.problems.add(
                    context.app.where_is(kind, name),
                    "the merge does not know this type of resource: keep it in a hand-written "
                    ".tf file beside the merged one",
                )
            elif _is_known(context, kind, name, body):
                yield from handler(context, name, body)


def _is_known(context: Context, kind: str, name: str, body: JsonObject) -> bool:
    known = _ATTRIBUTES.get(kind, _REST_ATTRIBUTES.get(kind))
    unknown = sorted(set(body) - known) if known is not None else []
    for attribute in unknown:
        where = context.app.where_is(kind, name)
        context.problems.add(where, f"the merge does not know its {attribute}")
    return not unknown


def _permission(context: Context, name: str, body: JsonObject) -> Iterator[Block]:
    app, api = context.app, context.options.api
    handler = f"${{aws_lambda_function.{app.name}_api_handler.arn}}"
    on_api = body.get("source_arn") == f"${{aws_apigatewayv2_api.{api}.execution_arn}}/*"
    if on_api and body.get("function_name") != handler:  # a built-in authorizer's
        names = sorted(
            authorizer.name
            for (owner, _), authorizer in context.authorizers.items()
            if owner == app.name and authorizer.function == body.get("function_name")
        )
        body = body | {"source_arn": authorizer_arn(api, names[0] if len(names) == 1 else "*")}
    yield resource("aws_lambda_permission", name, websockets.permission_body(body))


def _layer(context: Context, name: str, _: JsonObject) -> Iterator[Block]:
    context.problems.refuse(
        "layers",
        context.app.where_is("aws_lambda_layer_version", name),
        "an image takes no Lambda layers; set automatic_layer to false",
    )
    return iter(())


def _log_group(context: Context, name: str, _: JsonObject) -> Iterator[Block]:
    context.problems.add(
        context.app.where_is("aws_cloudwatch_log_group", name),
        f"the merge makes every log group: set the variable {functions.RETENTION} in place of "
        "Chalice's setting",
    )
    return iter(())


def _kept(kind: str, change: Callable[[JsonObject], JsonObject] = lambda body: body) -> Handler:
    def blocks(_: Context, name: str, body: JsonObject) -> Iterator[Block]:
        yield resource(kind, name, change(body))

    return blocks


def _http_api_makes_it(_: Context, __: str, ___: JsonObject) -> Iterator[Block]:
    return iter(())


_HANDLERS: Mapping[str, Handler] = {
    **{kind: _kept(kind) for kind in _ATTRIBUTES},
    "aws_api_gateway_base_path_mapping": lambda c, name, body: domains.mapping_blocks(
        c.app, name, body, c.options.api, c.problems
    ),
    "aws_api_gateway_deployment": _http_api_makes_it,
    "aws_api_gateway_domain_name": lambda c, name, body: domains.domain_blocks(
        c.app, name, body, c.problems
    ),
    "aws_api_gateway_rest_api": _http_api_makes_it,
    "aws_apigatewayv2_domain_name": lambda _, name, body: domains.websocket_domain_blocks(
        name, body
    ),
    "aws_apigatewayv2_integration": _kept(
        "aws_apigatewayv2_integration", websockets.integration_body
    ),
    "aws_cloudwatch_event_rule": lambda c, name, body: events.rule_blocks(c.app, name, body),
    "aws_cloudwatch_log_group": _log_group,
    "aws_lambda_event_source_mapping": lambda c, name, body: events.mapping_blocks(
        c.app, name, body, c.problems
    ),
    "aws_lambda_function": lambda c, name, body: functions.function_blocks(
        c.app, name, body, c.problems
    ),
    "aws_lambda_layer_version": _layer,
    "aws_lambda_permission": _permission,
    "aws_s3_bucket_notification": lambda c, name, body: events.notification_blocks(
        c.app, name, body
    ),
    "aws_sns_topic_subscription": lambda c, name, body: events.subscription_blocks(
        c.app, name, body, c.problems
    ),
}
