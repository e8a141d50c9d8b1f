"""Starts ministack with what it lacks.

    .venv/emulator/bin/python launcher.py

Its settings are environment variables. Each function below wraps one of ministack 1.5.33, which
requirements/emulator.in pins, and says why. Responses are patched so that the test of an empty
second plan can be literal.
"""

import json
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from xml.sax.saxutils import escape

import authorization  # type: ignore[import-not-found]  # beside this file
from docker.errors import APIError  # type: ignore[import-untyped]
from ministack import app  # type: ignore[import-not-found]
from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-not-found]
from ministack.services import (  # type: ignore[import-not-found]
    apigateway,
    apigateway_v1,
    cloudwatch,
    lambda_svc,
)

JsonObject = dict[str, Any]

RETRY_SECONDS = 0.5
EMULATOR = "/emulator"  # where LAMBDA_DOCKER_FLAGS mounts AWS's Runtime Interface Emulator


def authorizer_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Create JWT authorizers without a payload format, and others without a JWT configuration.

    ministack gives them "2.0" and an empty one, which each plan would remove.
    """

    def create(api_id: str, data: JsonObject) -> Any:
        is_jwt = data.get("authorizerType") == "JWT"
        lacking = {"authorizerPayloadFormatVersion": ""} if is_jwt else {"jwtConfiguration": None}
        return original(api_id, {**lacking, **data})

    return create


def authorizer_invocation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Give authorizers with payload format 1.0 the token, as an HTTP API does.

    See "Control access to HTTP APIs with AWS Lambda authorizers" in the API Gateway developer
    guide.
    """

    async def invoke(authorizer: JsonObject, event: JsonObject, *more: Any) -> Any:
        if authorizer["authorizerPayloadFormatVersion"] == "1.0":
            names = [source.rpartition(".")[2].lower() for source in authorizer["identitySource"]]
            token = ",".join(event["headers"].get(name, "") for name in names)
            more_of_it = {"version": "1.0", "identitySource": token, "authorizationToken": token}
            event = {**event, **more_of_it}
        return await original(authorizer, event, *more)

    return invoke


def http_api_execution(original: Callable[..., Any]) -> Callable[..., Any]:
    """Send payload format 1.0 to functions whose integration asks for it.

    ministack sends 2.0 to all. See "Create AWS Lambda proxy integrations for HTTP APIs in API
    Gateway" in the API Gateway developer guide.
    """

    def execute(function: JsonObject, event: JsonObject, *more: Any, **named: Any) -> Any:
        if _payload_format(event) == "1.0":
            event = _in_format_1(event)
        return original(function, event, *more, **named)

    return execute


def _payload_format(event: Any) -> str:
    """Return the format that the integration of a request's route asks for."""
    is_request = isinstance(event, dict) and "routeKey" in event and "type" not in event
    if not is_request or event.get("version") != "2.0":
        return ""
    api_id = event["requestContext"]["apiId"]
    for route in apigateway._routes.get(api_id, {}).values():
        if route.get("routeKey") == event["routeKey"]:
            identifier = str(route.get("target")).rpartition("/")[2]
            integration = apigateway._integrations.get(api_id, {}).get(identifier, {})
            return str(integration.get("payloadFormatVersion"))
    return ""


def _in_format_1(event: JsonObject) -> JsonObject:
    context = event["requestContext"]
    resource = event["routeKey"].partition(" ")[2]
    query = urllib.parse.parse_qs(event["rawQueryString"], keep_blank_values=True)
    method, path = context["http"]["method"], context["http"]["path"]
    return {
        "version": "1.0",
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": event["headers"],
        "multiValueHeaders": {name: [value] for name, value in event["headers"].items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": event["pathParameters"] or None,
        "stageVariables": None,
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
        "requestContext": {
            **{name: context[name] for name in ("accountId", "apiId", "domainName", "requestId")},
            "authorizer": _authorizer_in_format_1(context.get("authorizer", {})),
            "domainPrefix": context["apiId"],
            "extendedRequestId": context["requestId"],
            "httpMethod": method,
            "identity": {name: context["http"][name] for name in ("sourceIp", "userAgent")},
            "path": path,
            "protocol": context["http"]["protocol"],
            "requestTime": context["time"],
            "requestTimeEpoch": context["timeEpoch"],
            "resourceId": None,
            "resourcePath": resource,
            "stage": context["stage"],
        },
    }


def _authorizer_in_format_1(authorizer: JsonObject) -> JsonObject:
    if "jwt" in authorizer:
        return dict(authorizer["jwt"])
    return {"claims": None, "scopes": None, **(authorizer.get("lambda") or {})}


def alarm_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the metrics of an alarm on an expression, which ministack forgets."""

    def put(params: Mapping[str, Any], *more: Any, **named: Any) -> Any:
        response = original(params, *more, **named)
        if metrics := _nested(params).get("Metrics"):
            cloudwatch._alarms[cloudwatch._p(params, "AlarmName")]["Metrics"] = metrics
        return response

    return put


def _nested(params: Mapping[str, Any]) -> JsonObject:
    """Return the structure that names of the Query protocol spell out: ``Metrics.member.1.Id``."""
    tree: JsonObject = {}
    for name in params:
        *path, last = name.split(".")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = cloudwatch._p(params, name)
    return {name: _with_lists(node) for name, node in tree.items()}


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"}:
        items: JsonObject = node["member"]
        return [_with_lists(items[number]) for number in sorted(items, key=int)]
    return {name: _with_lists(item) for name, item in node.items()}


def alarm_description(original: Callable[..., Any]) -> Callable[..., Any]:
    """Describe alarms completely to Terraform's provider, which uses the Query protocol.

    ministack's responses in that protocol lack dimensions, period, statistic and actions, which its
    JSON responses have; and an alarm on a percentile gets a statistic as well, one on an expression
    all that one on a metric has.
    """

    def describe(
        params: Mapping[str, Any], given: Any, is_cbor: bool, is_json: bool = False
    ) -> Any:
        if is_cbor or is_json:
            return original(params, given, is_cbor, is_json)
        status, _, body = original(params, _query_as_json(params), False, True)
        if status != 200:
            return original(params, given, is_cbor, is_json)
        result = "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in _alarms(body))
        response = f"<DescribeAlarmsResult>{result}</DescribeAlarmsResult>"
        return cloudwatch._xml(status, "DescribeAlarmsResponse", response)

    return describe


def _query_as_json(params: Mapping[str, Any]) -> JsonObject:
    """Return the parameters of DescribeAlarms by their names in JSON."""
    lists: dict[str, list[str]] = {"AlarmNames": [], "AlarmTypes": []}
    for name, values in lists.items():
        while value := cloudwatch._p(params, f"{name}.member.{len(values) + 1}"):
            values.append(value)
    words = ("AlarmNamePrefix", "StateValue", "MaxRecords", "NextToken")
    return {**lists, **{word: cloudwatch._p(params, word) or None for word in words}}


def _alarms(body: bytes) -> Iterator[tuple[str, Any]]:
    for name, value in json.loads(body).items():
        if name in ("MetricAlarms", "CompositeAlarms"):
            yield name, [_without_contradictions(alarm) for alarm in value]
        else:
            yield name, value


def _without_contradictions(alarm: JsonObject) -> JsonObject:
    left_out = {"Statistic"} if alarm.get("ExtendedStatistic") else set()
    if "Metrics" in alarm:
        left_out = {"Statistic", "Period", "MetricName", "Namespace"}
    # Times are numbers in JSON and text in the Query protocol; nothing here reads them.
    return {
        name: value
        for name, value in alarm.items()
        if name not in left_out and value is not None and not name.endswith("Timestamp")
    }


def _xml(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items())
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def container_start(original: Callable[..., Any]) -> Callable[..., Any]:
    """Run an image's entry point under the Runtime Interface Emulator.

    Lambda provides the other side of the runtime interface; ministack expects it in the image. So
    the delivered images run as they are, by their digests, and none is derived for the test.
    """

    def start(config: JsonObject, *more: Any, **named: Any) -> Any:
        image = lambda_svc._get_docker_client().images.get(config["ImageUri"])
        about = image.attrs["Config"]
        own = (config.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
        settings = {
            **own,
            "EntryPoint": [EMULATOR, *(own.get("EntryPoint") or about["Entrypoint"])],
        }
        response = {"ImageConfig": settings}
        return original({**config, "ImageConfigResponse": response}, *more, **named)

    return start


def batch_execution(original: Callable[..., Any]) -> Callable[..., Any]:
    """Apply partial batch responses of a function on a table's stream.

    ministack continues after a batch whatever the function reports. Lambda continues at the first
    record that is reported as failed, and sends that one to the destination when its retries
    are used up or it is too old
    (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
    ministack itself handles an invocation that fails as a whole: it tries again until the batch is
    too old.
    """

    def execute(function: JsonObject, event: JsonObject) -> JsonObject:
        mapping = _mapping(function, event)
        if mapping is None:
            return dict(original(function, event))
        records, tried = event["Records"], 0
        while records:
            result: JsonObject = original(function, {**event, "Records": records})
            failed = None if result.get("error") else _first_failure(result, records)
            if failed is None:
                return result
            records, tried = records[failed:], tried + 1 if failed == 0 else 1
            if condition := _why_to_discard(records[0], tried, mapping):
                lambda_svc._send_ddb_stream_failure_record(
                    mapping, function, records[:1], mapping["EventSourceArn"], result, condition
                )
                records, tried = records[1:], 0
            else:
                time.sleep(RETRY_SECONDS)
        return {**result, "body": {"batchItemFailures": []}}

    return execute


def _why_to_discard(record: JsonObject, tried: int, mapping: JsonObject) -> str | None:
    """Return why a record is not tried again, or None; -1 stands for no limit."""
    retries, age = mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]
    if retries >= 0 and tried > retries:
        return "RetryAttemptsExhausted"
    if age >= 0 and time.time() - record["dynamodb"]["ApproximateCreationDateTime"] > age:
        return "MaxRecordAgeExceeded"
    return None


def _mapping(function: JsonObject, event: Any) -> JsonObject | None:
    """Return the mapping that an event comes from, if it has partial batch responses, or None."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not records or records[0].get("eventSource") != "aws:dynamodb":
        return None
    name = (function.get("config") or function)["FunctionName"]
    found = (esm for _, _, esm in lambda_svc._iter_all_esms() if esm["FunctionName"] == name)
    mapping: JsonObject | None = next(found, None)
    asked = (mapping or {}).get("FunctionResponseTypes") or []
    return mapping if "ReportBatchItemFailures" in asked else None


def _first_failure(result: JsonObject, records: list[JsonObject]) -> int | None:
    body = result.get("body")
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    reported = {failure["itemIdentifier"] for failure in failures or []}
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    return next((at for at, number in enumerate(numbers) if number in reported), None)


def rest_api_request(original: Callable[..., Any]) -> Callable[..., Any]:
    """Import the OpenAPI document of a REST API, which ministack does for CloudFormation only.

    ``chalice deploy`` creates its API so (ImportRestApi), and Terraform gives it the body so
    (PutRestApi).
    """

    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        parts = path.strip("/").split("/")
        if parts == ["restapis"] and method == "POST" and "import" in _values(query, "mode"):
            return apigateway_v1._v1_response(_imported(json.loads(body), query), 201)
        if parts[0] == "restapis" and len(parts) == 2 and method == "PUT":
            return _replaced(parts[1], json.loads(body))
        return await original(method, path, headers, body, query)

    return handle


def _imported(document: JsonObject, query: Any) -> Any:
    types = _values(query, "endpointConfigurationTypes") or ["EDGE"]
    base = {
        "binaryMediaTypes": document.get("x-amazon-apigateway-binary-media-types", []),
        "endpointConfiguration": {"types": types},
    }
    api_id = apigateway_v1._import_rest_api(document, base)
    return apigateway_v1._rest_api_view(apigateway_v1._rest_apis[api_id])


def _replaced(api_id: str, document: JsonObject) -> Any:
    if api_id not in apigateway_v1._rest_apis:
        return apigateway_v1._get_rest_api(api_id)
    resources = apigateway_v1._resources[api_id]
    root = next(each for each in resources.values() if each["path"] == "/")
    apigateway_v1._resources[api_id] = {root["id"]: {**root, "resourceMethods": {}}}
    apigateway_v1._authorizers_v1[api_id] = {}
    schemes = apigateway_v1._import_security_schemes(api_id, document)
    for path, item in document.get("paths", {}).items():
        apigateway_v1._import_path_item(api_id, path, item, schemes, document.get("security"))
    return apigateway_v1._get_rest_api(api_id)


def _values(query: Any, name: str) -> list[str]:
    value = query.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def runtime_invocation(original: Callable[..., JsonObject]) -> Callable[..., JsonObject]:
    """End a container whose runtime has exited, as Lambda does.

    ministack would give it every later invocation, and each would fail in the same way.
    """

    def invoke(container: Any, *more: Any) -> JsonObject:
        result = original(container, *more)
        body = result.get("body")
        if isinstance(body, dict) and body.get("errorType") == "Runtime.ExitError":
            with suppress(APIError):  # it has ended already
                container.kill()
        return result

    return invoke


def function_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Respond as the first time to a function that is created by the same request again.

    A response that a busy machine loses makes Terraform's provider ask again, and then for five
    minutes, because it takes the conflict for one that passes.
    """
    responses: dict[str, Any] = {}

    def create(data: JsonObject) -> Any:
        request = json.dumps(data, sort_keys=True)
        exists = data["FunctionName"] in lambda_svc._functions
        if exists and request in responses:
            return responses[request]
        response = original(data)
        if not exists:
            responses[request] = response
        return response

    return create


def permission_addition(original: Callable[..., Any]) -> Callable[..., Any]:
    """Add a permission again as if for the first time, if it is the same.

    The reason is that of ``function_creation``.
    """

    def add(function: str, data: JsonObject, *more: Any) -> Any:
        policy = lambda_svc._functions.get(function, {}).get("policy", {"Statement": []})
        statements = policy["Statement"]
        same = [each for each in statements if each.get("Sid") == data.get("StatementId")]
        if not same:
            return original(function, data, *more)
        statements.remove(same[0])
        result = original(function, data, *more)
        if statements[-1:] == same:
            return result
        statements[-1:] = same
        return original(function, data, *more)

    return add


def rest_api_update(original: Callable[..., Any]) -> Callable[..., Any]:
    """Add and remove items of a list, which ministack takes for members of an object.

    And compress nothing if the size is empty, as ``chalice deploy`` sets it.
    """

    def update(api_id: str, data: JsonObject) -> Any:
        api = apigateway_v1._rest_apis.get(api_id)
        left = []
        for operation in data.get("patchOperations", []):
            _, member, *item = operation["path"].split("/")
            if member == "minimumCompressionSize":
                size = operation.get("value")
                left.append({**operation, "value": int(size) if size else None})
            elif api is None or member != "binaryMediaTypes" or not item:
                left.append(operation)
            else:
                value = item[0].replace("~1", "/").replace("~0", "~")
                kept = [each for each in api["binaryMediaTypes"] if each != value]
                api["binaryMediaTypes"] = kept + ([value] if operation["op"] == "add" else [])
        return original(api_id, {**data, "patchOperations": left})

    return update


def stage_creation(original: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a stage that exists, as API Gateway does; ministack replaces it.

    A new one has no settings of an access log, where ministack gives it empty ones, which each plan
    would remove.
    """

    def create(api_id: str, data: JsonObject) -> Any:
        if data.get("stageName") in apigateway_v1._stages_v1.get(api_id, {}):
            return apigateway_v1._v1_error("ConflictException", "Stage already exists", 409)
        return original(api_id, {"accessLogSettings": None, **data})

    return create


def deployment_deletion(original: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse to delete the deployment of a stage, as API Gateway does."""

    def delete(api_id: str, deployment_id: str) -> Any:
        stages = apigateway_v1._stages_v1.get(api_id, {}).values()
        if any(stage["deploymentId"] == deployment_id for stage in stages):
            message = "Active stages pointing to this deployment must be moved or deleted"
            return apigateway_v1._v1_error("BadRequestException", message, 400)
        return original(api_id, deployment_id)

    return delete


if __name__ == "__main__":
    app.pin_request_origin = authorization.origin(app.pin_request_origin)
    iam_actions.extract_resource_arn = authorization.resource(iam_actions.extract_resource_arn)
    iam_evaluator.enforce = authorization.enforcement(iam_evaluator.enforce)
    apigateway_v1.handle_request = rest_api_request(apigateway_v1.handle_request)
    lambda_svc._invoke_rie = runtime_invocation(lambda_svc._invoke_rie)
    lambda_svc._create_function = function_creation(lambda_svc._create_function)
    lambda_svc._add_permission = permission_addition(lambda_svc._add_permission)
    apigateway_v1._update_rest_api = rest_api_update(apigateway_v1._update_rest_api)
    apigateway_v1._create_stage = stage_creation(apigateway_v1._create_stage)
    apigateway_v1._delete_deployment = deployment_deletion(apigateway_v1._delete_deployment)
    apigateway._create_authorizer = authorizer_creation(apigateway._create_authorizer)
    cloudwatch._put_metric_alarm = alarm_creation(cloudwatch._put_metric_alarm)
    cloudwatch._describe_alarms = alarm_description(cloudwatch._describe_alarms)
    apigateway._invoke_request_authorizer_lambda = authorizer_invocation(
        apigateway._invoke_request_authorizer_lambda
    )
    lambda_svc._execute_function_with_config_scope = http_api_execution(
        lambda_svc._execute_function_with_config_scope
    )
    lambda_svc._spawn_lambda_container = container_start(lambda_svc._spawn_lambda_container)
    lambda_svc._execute_function = batch_execution(lambda_svc._execute_function)
    app.main()
