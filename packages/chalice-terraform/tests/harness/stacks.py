"""The feature apps merged with each kind of API and packaging that takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice_terraform.merging import Options, merge
from harness.chalice_apps import CORS, FEATURES, LAYERED, REST_ONLY, VIEW
from harness.hand_written import AUDIENCES, BESIDE_REST_APIS
from harness.packaging import ChaliceApp, JsonObject, Package

# An HTTP API has no other reference to its functions than its routes. The document of a REST API
# has one, so its own handler cannot refer to the API in turn: with Chalice's Terraform neither.
OF_REST = {
    **{name: app for name, app in FEATURES.items() if name not in ("environment", "jwt")},
    **{drop.replace("-", ""): app for drop, app in REST_ONLY.items()},
}
OF_HTTP_PER_APP = {**FEATURES, "cors": ChaliceApp(CORS), "root": ChaliceApp(VIEW.format(name=""))}


@dataclass(frozen=True)
class Stack:
    """Apps to merge with these options, and what is hand-written for them."""

    apps: Mapping[str, ChaliceApp]
    options: Mapping[str, Any] = field(default_factory=dict)
    hand_written: str = ""

    def merge(self, packaged: Package, *names: str) -> JsonObject:
        """Merge the apps of these names, or all."""
        of = names or tuple(self.apps)
        audiences = AUDIENCES if "cognito" in of and self.options.get("api") != "rest" else {}
        sources = [packaged(name, self.apps[name]) for name in of]
        return merge(sources, Options(audiences=audiences, **self.options))


STACKS = {
    "http_zip": Stack({**FEATURES, **LAYERED}),
    "http_image": Stack(FEATURES, {"package": "image"}),
    "per_app_zip": Stack({**OF_HTTP_PER_APP, **LAYERED}, {"api": "http-per-app"}),
    "per_app_image": Stack(OF_HTTP_PER_APP, {"api": "http-per-app", "package": "image"}),
    "rest_zip": Stack({**OF_REST, **LAYERED}, {"api": "rest"}, BESIDE_REST_APIS),
    "rest_image": Stack(OF_REST, {"api": "rest", "package": "image"}, BESIDE_REST_APIS),
    "prefixed": Stack(
        {name: FEATURES[name] for name in ("domain", "environment", "function", "routes")},
        {"api_name": "front", "payload_format": "2.0", "stage_prefix": "live"},
    ),
}
