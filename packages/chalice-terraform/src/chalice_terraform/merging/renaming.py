"""Renames an app's resources for the stack, and rewrites every reference to them.

References to what a kind of API replaces become references to its replacement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .app import App, Resources
from .chalice_output import part_of_api
from .expressions import TemplateError
from .model import JsonObject, Problems, Where
from .naming import prefixed
from .references import Path, replace_references
from .shapes import dotted

REGION = "data.aws_service.lambda.region"
"""The region, from a data source that does not call AWS.

Not ``data.aws_region``: its ``name`` and ``id`` are deprecated in AWS provider 6, and version 5 has
no ``region``.
"""

ACCOUNT_ID = "local.chalice_account_id"
PARTITION = "data.aws_partition.chalice"

# From type and attribute of what every stack replaces to the replacement.
_REPLACED: Mapping[tuple[str, str], str] = {
    ("data.aws_region", "name"): REGION,
    ("data.aws_region", "id"): REGION,
    ("data.aws_caller_identity", "account_id"): ACCOUNT_ID,
}
_GONE = {kind for kind, _ in _REPLACED} | {"data.null_data_source"}
_SWAGGER = "local.chalice_api_swagger"
_PROSE = ("summary", "description")
_OF_DOCUMENT = {"aws_api_gateway_rest_api", "aws_api_gateway_deployment"}  # they refer to it


@dataclass(frozen=True)
class Replacements:
    """What becomes of references to the resources that a kind of API replaces.

    ``attributes`` maps the type and an attribute to the replacement, in which ``{api}`` stands for
    the name of the API, ``{name}`` for the resource's and ``{app}`` for the app's. Types in
    ``gone`` have no other attributes. ``swagger`` replaces the local
    value with the REST API's document, if the stack has one.
    """

    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    swagger: str | None = None


def rename(app: App, replacements: Replacements, problems: Problems) -> App:
    """Return the app with its names in the stack.

    Reports references to what the stack does not have, and templates that Terraform cannot read.
    """
    renaming = _Renaming(app, replacements, problems)
    inputs = _whole("data.null_data_source.chalice")
    return replace(
        app,
        title=renaming.rewritten(app.title, inputs),
        stage=renaming.rewritten(app.stage, inputs),
        resources={
            kind: {
                prefixed(app.name, name): body
                if kind in replacements.gone and kind in _OF_DOCUMENT
                else renaming.rewritten(body, _whole(f"{kind}.{name}"))
                for name, body in named.items()
            }
            for kind, named in app.resources.items()
        },
        source_names={
            prefixed(app.name, name): name for named in app.resources.values() for name in named
        },
        swagger=None
        if app.swagger is None
        else renaming.rewritten(_with_literal_prose(app.swagger), part_of_api),
        outputs={
            name: renaming.rewritten(value, _whole(f"output {name}"))
            for name, value in app.outputs.items()
        },
    )


Part = Callable[[Path], "tuple[str, int]"]
"""From the keys that lead to a string to the thing it belongs to, and how many of them say so."""


def _whole(thing: str) -> Part:
    return lambda _: (thing, 0)


class _Renaming:
    """Rewrites the references in one app's JSON values."""

    def __init__(self, app: App, replacements: Replacements, problems: Problems) -> None:
        self._app = app
        self._attributes = {**_REPLACED, **replacements.attributes}
        self._gone = _GONE | replacements.gone
        self._swagger = replacements.swagger if app.swagger is not None else None
        self._problems = problems
        self._own = _addresses(app.resources)

    def rewritten(self, value: Any, part: Part) -> Any:
        """Return the value with its references rewritten.

        A string that Terraform cannot read becomes empty, so that later problems are found too.
        """

        def report(path: Path, error: TemplateError) -> None:
            thing, depth = part(path)
            setting = dotted(path[depth:])
            what = f"{setting}: {error}" if setting else str(error)
            self._problems.add(self._app.where(thing), what)

        where = self._app.where(part(())[0])
        return replace_references(value, lambda traversal: self._replace(where, traversal), report)

    def _replace(self, where: Where, traversal: str) -> str:
        kind, name, attribute = _split(traversal)
        if not name:
            return traversal
        if traversal == _SWAGGER and self._swagger is not None:
            return self._swagger.format(app=self._app.name)
        if traversal.startswith(_SWAGGER):
            self._problems.add(where, f"{traversal} is not in the stack; do not refer to it")
        if name != "chalice" and (kind, name) not in self._own:
            return traversal
        renamed = prefixed(self._app.name, name)
        replacement = self._attributes.get((kind, attribute))
        if replacement is not None:
            return replacement.format(app=self._app.name, api=self._app.api, name=renamed)
        if kind in self._gone:
            self._problems.add(
                where,
                f"{traversal} is not in the stack, and nothing replaces it; define what you need "
                "in a hand-written .tf file and refer to that",
            )
            return traversal
        return _renamed(self._app.name, self._own, traversal)


def with_own_names(app: App, value: Any) -> Any:
    """Return a value of the app's source with its references to own resources renamed, no others.

    ``app`` is the app after ``rename``.
    """
    own = frozenset(
        (kind, app.source_names[name]) for kind, named in app.resources.items() for name in named
    )
    return replace_references(value, lambda traversal: _renamed(app.name, own, traversal))


def _renamed(app: str, own: frozenset[tuple[str, str]], traversal: str) -> str:
    kind, name, attribute = _split(traversal)
    if (kind, name) not in own:
        return traversal
    renamed = f"{kind}.{prefixed(app, name)}"
    return f"{renamed}.{attribute}" if attribute else renamed


def _split(traversal: str) -> tuple[str, str, str]:
    """Return type, name and attribute; the type of a data source starts with ``data.``."""
    parts = traversal.split(".")
    start = 2 if parts[0] == "data" else 1
    kind = ".".join(parts[:start])
    name = parts[start] if len(parts) > start else ""
    return kind, name, ".".join(parts[start + 1 :])


def _addresses(resources: Resources) -> frozenset[tuple[str, str]]:
    return frozenset((kind, name) for kind, named in resources.items() for name in named)


def _with_literal_prose(swagger: JsonObject) -> JsonObject:
    """Return the API with its views' docstrings escaped: in them, ``${`` is not a reference."""
    return {
        **swagger,
        "paths": {
            path: {
                method: {
                    key: _literal(value) if key in _PROSE and isinstance(value, str) else value
                    for key, value in operation.items()
                }
                for method, operation in operations.items()
            }
            for path, operations in swagger.get("paths", {}).items()
        },
    }


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")
