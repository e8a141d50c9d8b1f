"""Reads the template of one Chalice app: all that the merge knows of it.

Whatever it does not know is a problem, never left out: see ``TerraformGenerator`` in Chalice 1.34's
package.py for everything that Chalice writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .model import JsonObject, Options, Packaging, Problems, Source, Where, in_app

Resources = Mapping[str, Mapping[str, JsonObject]]
"""From resource type to name to body."""

_TOP_LEVEL = {"resource", "locals", "terraform", "data", "output"}
_TERRAFORM = {"required_version", "required_providers"}
_PROVIDERS = {"aws", "null"}
_DATA = {"aws_caller_identity", "aws_partition", "aws_region", "null_data_source"}
_SWAGGER = "chalice_api_swagger"


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

    def where(self, thing: str) -> Where:
        """Return how problems name a thing of this app."""
        return in_app(self.name, thing)

    def of_type(self, kind: str) -> Mapping[str, JsonObject]:
        """Return the resources of this type, by name."""
        return self.resources.get(kind, {})


def read_app(source: Source, options: Options, problems: Problems) -> App:
    """Return the app of a source, as far as it can be read; report the rest as problems."""
    template = source.template
    if not _has_shape(template):
        problems.add(
            in_app(source.name, "template"), "not as Chalice writes it; package the app again"
        )
        return App(source.name, source.name, "")
    inputs = _inputs(template)
    app = App(
        name=source.name,
        title=str(inputs.get("app", source.name)),
        stage=str(inputs.get("stage", "")),
        packaging=options.packaging(source.name),
        zips=source.zips,
        resources=template.get("resource", {}),
        swagger=_swagger(source.name, template.get("locals", {}), problems),
        outputs={name: output.get("value") for name, output in template.get("output", {}).items()},
    )
    if not inputs:
        problems.add(
            app.where("data.null_data_source.chalice"),
            "it is missing, so this may not be the chalice.tf.json that Chalice wrote; package the "
            "app again",
        )
    for thing in _unknown(template):
        problems.add(
            app.where(thing),
            "the merge does not support it; define it in a hand-written .tf file beside the merged "
            "one",
        )
    return app


def _inputs(template: JsonObject) -> JsonObject:
    chalice = template.get("data", {}).get("null_data_source", {}).get("chalice", {})
    inputs = chalice.get("inputs", {})
    return inputs if isinstance(inputs, dict) else {}


def _swagger(name: str, local_values: JsonObject, problems: Problems) -> JsonObject | None:
    text = local_values.get(_SWAGGER)
    if text is None:
        return None
    try:
        swagger = json.loads(text)
    except (TypeError, ValueError):
        swagger = None
    if isinstance(swagger, dict):
        return swagger
    problems.add(in_app(name, f"local.{_SWAGGER}"), "not a JSON object; package the app again")
    return None


def _has_shape(template: JsonObject) -> bool:
    """Return whether all parts that the merge reads are objects, as deep as it reads them."""
    parts = [template.get(part, {}) for part in sorted(_TOP_LEVEL)]
    nested = [template.get(part, {}) for part in ("resource", "data")]
    return (
        _are_objects(parts)
        and _are_objects([template.get("terraform", {}).get("required_providers", {})])
        and _are_objects(template.get("output", {}).values())
        and all(_are_objects(kinds.values()) for kinds in nested)
        and all(_are_objects(named.values()) for kinds in nested for named in kinds.values())
    )


def _are_objects(values: Iterable[Any]) -> bool:
    return all(isinstance(value, dict) for value in values)


def _unknown(template: JsonObject) -> list[str]:
    settings = template.get("terraform", {})
    return [
        *sorted(set(template) - _TOP_LEVEL),
        *sorted(f"terraform.{name}" for name in set(settings) - _TERRAFORM),
        *sorted(
            f"terraform.required_providers.{name}"
            for name in set(settings.get("required_providers", {})) - _PROVIDERS
        ),
        *sorted(f"local.{name}" for name in set(template.get("locals", {})) - {_SWAGGER}),
        *sorted(
            f"data.{kind}.{name}"
            for kind, named in template.get("data", {}).items()
            for name in named
            if kind not in _DATA or name != "chalice"
        ),
        *sorted(
            f"output.{name}.{attribute}"
            for name, output in template.get("output", {}).items()
            for attribute in set(output) - {"value"}
        ),
    ]
