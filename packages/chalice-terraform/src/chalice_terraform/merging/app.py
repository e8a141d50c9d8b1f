"""Reads the template of one Chalice app: all that the merge knows of it.

Whatever it does not know is a problem, never left out: see chalice_output.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .chalice_output import API, SWAGGER, TEMPLATE, output_shape, part_of_api, resource_shapes
from .model import JsonObject, Options, Packaging, Problems, Source, Where, in_app
from .shapes import Mismatch, mismatches, not_json

Resources = Mapping[str, Mapping[str, JsonObject]]
"""From resource type to name to body."""

_SECTIONS = {"locals": "local", "data": "data", "output": "output"}
"""From a section of the template to how Terraform refers to what is in it."""

_API = ("aws_api_gateway_rest_api", "aws_api_gateway_deployment")
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_MISSING = "it is missing; package the app again"


@dataclass(frozen=True)
class App:
    """A Chalice app: its ``name`` in the stack, and its ``title`` and ``stage`` in Chalice.

    ``packaging`` is what its functions are deployed as, and ``zips`` is that of its source.
    ``api`` is the Terraform name of the API that serves it, once it is renamed.
    """

    name: str
    title: str
    stage: str
    packaging: Packaging = "zip"
    zips: Mapping[str, str] = field(default_factory=dict)
    resources: Resources = field(default_factory=dict)
    swagger: JsonObject | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    api: str = ""
    source_names: Mapping[str, str] = field(default_factory=dict)
    """From a resource's name in the stack to its name in the source."""

    def where(self, thing: str) -> Where:
        """Return how problems name a thing of this app."""
        return in_app(self.name, thing)

    def where_resource(self, kind: str, name: str) -> Where:
        """Return how problems name a resource: by its name in the source."""
        return self.where(f"{kind}.{self.source_names.get(name, name)}")

    def where_all(self, *kinds: str) -> tuple[Where, ...]:
        """Return how problems name all resources of these types."""
        return tuple(
            self.where_resource(kind, name) for kind in kinds for name in sorted(self.of_type(kind))
        )

    def of_type(self, kind: str) -> Mapping[str, JsonObject]:
        """Return the resources of this type, by name."""
        return self.resources.get(kind, {})


def read_app(source: Source, options: Options, problems: Problems) -> App:
    """Return the app of a source. If there are problems, it is not to be used."""
    template = source.template
    found = list(_problems(template))
    for thing, what in found:
        problems.add(in_app(source.name, thing), what)
    if found:
        return App(source.name, source.name, "")
    inputs = template["data"]["null_data_source"]["chalice"]["inputs"]
    return App(
        name=source.name,
        title=inputs["app"],
        stage=inputs["stage"],
        packaging=options.packaging(source.name),
        zips=source.zips,
        resources=template.get("resource", {}),
        swagger=_swagger(template),
        outputs={name: output["value"] for name, output in template.get("output", {}).items()},
    )


def _problems(template: Any) -> Iterator[tuple[str, str]]:
    """Yield each thing of the template that is not as Chalice writes it, and how it is not."""
    refused = not_json(template)
    if refused:
        yield "template", f"{refused}; package the app again"
        return
    differing = list(mismatches(template, TEMPLATE))
    if differing:
        yield from (_in_template(mismatch) for mismatch in differing)
        return
    if not _has_inputs(template):
        yield (
            "data.null_data_source.chalice",
            "it is incomplete, so Chalice may not have written this file; package the app again",
        )
    yield from _in_resources_and_outputs(template.get("resource", {}), template.get("output", {}))
    yield from _in_swagger(template)


def _in_template(mismatch: Mismatch) -> tuple[str, str]:
    path = mismatch.path
    section = _SECTIONS.get(path[0]) if len(path) > 1 else None
    if not mismatch.what:
        return (
            ".".join([section or path[0], *path[1:]]),
            "the merge does not support it; define it in a hand-written .tf file beside this one",
        )
    if section:
        return f"{section}.{path[1]}", mismatch.below(2)
    return "template", mismatch.below(0)


def _has_inputs(template: JsonObject) -> bool:
    chalice = template.get("data", {}).get("null_data_source", {}).get("chalice", {})
    return {"app", "stage"} <= set(chalice.get("inputs", {}))


def _in_resources_and_outputs(
    resources: Resources, outputs: Mapping[str, JsonObject]
) -> Iterator[tuple[str, str]]:
    addresses = {f"{kind}.{name}" for kind, named in resources.items() for name in named}
    shapes = resource_shapes(addresses)
    for kind, named in resources.items():
        for name, body in named.items():
            for mismatch in mismatches(body, shapes[kind]) if kind in shapes else ():
                yield f"{kind}.{name}", mismatch.below(0)
    for name, body in outputs.items():
        if not _IDENTIFIER.fullmatch(name):
            yield f"output.{name}", "no output can have this name; package the app again"
        for mismatch in mismatches(body, output_shape(addresses)):
            yield f"output.{name}", mismatch.below(0)
    for name in resources.get("aws_api_gateway_base_path_mapping", {}):
        domain = f"aws_api_gateway_domain_name.{name.removesuffix('_mapping')}"
        if domain not in addresses:
            yield domain, _MISSING


def _in_swagger(template: JsonObject) -> Iterator[tuple[str, str]]:
    resources = template.get("resource", {})
    swagger = _swagger(template)
    parts = {f"{kind}.{name}" for kind in _API for name in resources.get(kind, {})}
    if swagger is None:
        if parts:
            yield f"local.{SWAGGER}", _MISSING
        return
    needed = {f"{kind}.rest_api" for kind in _API}
    yield from ((part, _MISSING) for part in needed - parts)
    yield from ((part, "an app has one REST API; package the app again") for part in parts - needed)
    if "api_handler" not in resources.get("aws_lambda_function", {}):
        yield "aws_lambda_function.api_handler", _MISSING
    if not isinstance(swagger, dict):
        yield f"local.{SWAGGER}", "not a JSON object; package the app again"
        return
    refused = not_json(swagger)
    if refused:
        yield f"local.{SWAGGER}", f"{refused}; package the app again"
        return
    for mismatch in mismatches(swagger, API):
        thing, depth = part_of_api(mismatch.path)
        yield thing, mismatch.below(depth)


def _swagger(template: JsonObject) -> Any:
    """Return the Swagger document, ``None`` without one, and text if it is not JSON."""
    text = template.get("locals", {}).get(SWAGGER)
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
