"""What Lambda does with functions and their containers that ministack does not."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from docker.errors import APIError  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-not-found]

JsonObject = dict[str, Any]

EMULATOR = "/emulator"  # where LAMBDA_DOCKER_FLAGS mounts AWS's Runtime Interface Emulator


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


def creation(original: Callable[..., Any]) -> Callable[..., Any]:
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

    The reason is that of ``creation``.
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
