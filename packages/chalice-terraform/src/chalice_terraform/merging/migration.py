"""Brings what exists into the stack: ``moved``, ``import`` and ``removed`` blocks.

They say that a resource of the stack is one that Chalice's own Terraform or ``chalice deploy`` has
made, so that Terraform neither makes it again nor destroys it. A plan shows them, an apply carries
them out, and from then on they have no effect.

What has no counterpart in the stack is a note: nothing is left out silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .app import Resources
from .existing import (
    API_MAPPINGS,
    DEPLOYMENT,
    LISTINGS,
    LOG_GROUPS,
    ROUTES,
    Existing,
    Listing,
    deployed_resources,
    is_deployed,
    is_state,
    listed_resources,
    read_listing,
    resources_in_state,
)
from .model import Evidence, JsonObject, Problem, Problems, Source, in_app, in_apps
from .naming import identifier, prefixed
from .steps import Steps

TERRAFORM = "terraform"
_MODULE = re.compile(r"module\.[A-Za-z_][\w-]*")

_STAGE = "aws_api_gateway_stage"
_DOMAIN = "aws_api_gateway_domain_name"
_HTTP_DOMAIN = "aws_apigatewayv2_domain_name"
_SUCCESSORS: Mapping[str, str] = {
    "aws_api_gateway_base_path_mapping": "aws_apigatewayv2_api_mapping",
    _DOMAIN: _HTTP_DOMAIN,
}
"""From a type to what Terraform calls the same thing in AWS when it belongs to an HTTP API."""


def migration(
    template: JsonObject, sources: Sequence[Source], given: Sequence[Evidence], problems: Problems
) -> Steps:
    """Return the steps that bring what exists, as the evidence shows, into the stack.

    Reports evidence that fits no app or cannot be read, and names that stand in each other's way.
    """
    apps = {source.name: source for source in sources}
    stack = template.get("resource", {})
    steps = Steps()
    old: dict[str, str] = {}
    for name, source in sorted(apps.items()):
        of_app = [each for each in given if each.app == name]
        if of_app:
            own = _steps_of_app(source, stack, of_app, problems)
            _check_old_addresses(name, own, old, stack, problems)
            steps = steps.and_also(own)
    for evidence in given:
        if evidence.app not in apps:
            problems.add(
                f"--migrate {evidence.app}={evidence.what}",
                f"no source has this name; the names are {', '.join(sorted(apps))}",
            )
    return steps


def _check_old_addresses(
    app: str, steps: Steps, old: dict[str, str], stack: Resources, problems: Problems
) -> None:
    """Report old addresses that two apps have, or that the stack has for something else."""
    for address in sorted({*steps.moved, *steps.forgotten}):
        kind, name = address.rsplit(".", 2)[-2:]
        if not address.startswith("module.") and name in stack.get(kind, {}):
            problems.add(
                in_app(app, address),
                "the stack has another resource of this name, and Terraform cannot move two "
                "resources at once; give the app another name in the stack",
            )
        other = old.setdefault(address, app)
        if other != app:
            problems.add(
                in_apps(other, app),
                f"both would come from {address} of one state; give the file with its own state, "
                "which `terraform state pull` prints, for each app that has one",
            )


def _steps_of_app(
    source: Source, stack: Resources, given: Sequence[Evidence], problems: Problems
) -> Steps:
    read = [read_listing(each.content) for each in given]
    listings = [listing for listing in read if listing is not None]
    origins = [each for each, listing in zip(given, read) if listing is None]
    if len(origins) > 1:
        named = " and ".join(sorted(each.what for each in origins))
        problems.add(in_apps(source.name), f"--migrate gives {named}; give one of them")
    if not origins:
        _check_listings(source, listings, problems)
        return _imports(listed_resources(listings, source, (), stack), source, stack)
    origin = origins[0]
    if origin.content is None and is_address(origin.what):
        steps = _moves(source, stack, "" if origin.what == TERRAFORM else f"{origin.what}.")
        found: list[Existing] = []
    else:
        found = list(_read(origin, source, problems))
        _check_names(origin, found, source, stack, problems)
        steps = _imports(found, source, stack)
    steps = steps.and_also(
        _imports(listed_resources(listings, source, found, stack), source, stack)
    )
    _check_companions(source, stack, steps, problems)
    if origin.content is not None:
        steps = steps.and_also(_with_other_permissions(source, stack))
    if is_deployed(origin.content):
        policies = [to for to in steps.imports if to.startswith("aws_iam_role_policy.")]
        # They get another name, and a role must never lack its policy.
        steps = steps.and_also(Steps(replaced_first=frozenset(policies)))
    elif is_state(origin.content):
        steps = steps.and_also(_of_another_state(origin))
    if not any(listing.kind == LOG_GROUPS for listing in listings):
        steps = steps.and_also(_without_log_groups(source, stack))
    return steps


def is_address(what: str) -> bool:
    """Return whether it is where Chalice's own Terraform is in the state of the stack."""
    return what == TERRAFORM or _MODULE.fullmatch(what) is not None


def _read(origin: Evidence, source: Source, problems: Problems) -> Iterator[Existing]:
    if is_deployed(origin.content):
        yield from deployed_resources(origin, source, problems)
    elif is_state(origin.content):
        yield from resources_in_state(origin, source, problems)
    else:
        printed = ", ".join(f"`{command}`" for command in LISTINGS.values())
        problems.add(
            in_app(source.name, f"--migrate {origin.what}"),
            "it is neither a record of chalice deploy, nor the state of a stack, nor what the AWS "
            f"CLI prints; give terraform, module.NAME, or one of these files: "
            f".chalice/deployed/STAGE.json, the output of `terraform state pull` or of {printed}",
        )


def _moves(source: Source, stack: Resources, module: str) -> Steps:
    """Return the steps from the addresses of Chalice's own Terraform in the same state."""
    moved, imports, forgotten, notes = {}, {}, set(), set()
    for kind, named in sorted(source.template.get("resource", {}).items()):
        for name, body in sorted(named.items()):
            address, target = f"{module}{kind}.{name}", prefixed(source.name, name)
            where = in_app(source.name, address)
            if identifier(name) != name:
                notes.add(Problem(where, "Terraform rejects this name, so no state can have it"))
            elif kind == DEPLOYMENT and target in stack.get(_STAGE, {}):
                # Its destruction could delete the stage, which it made, so it stays in AWS.
                forgotten.add(address)
                api = f"${{aws_api_gateway_rest_api.{target}.id}}"
                imports[f"{_STAGE}.{target}"] = f"{api}/{body['stage_name']}"
            elif target in stack.get(kind, {}):
                moved[address] = f"{kind}.{target}"
            elif target in stack.get(_SUCCESSORS.get(kind, ""), {}):
                forgotten.add(address)
                if kind == _DOMAIN:
                    imports[f"{_HTTP_DOMAIN}.{target}"] = str(body["domain_name"])
            else:
                notes.add(Problem(where, "the stack has none, so the plan destroys it"))
    return Steps(moved, imports, frozenset(forgotten), notes=frozenset(notes))


def _imports(existing: Iterable[Existing], source: Source, stack: Resources) -> Steps:
    """Return the steps that import what exists, and a note for each thing that stays outside."""
    imports, notes = {}, set()
    for each in existing:
        target, successor = prefixed(source.name, each.name), _SUCCESSORS.get(each.kind, "")
        if target in stack.get(each.kind, {}):
            imports[f"{each.kind}.{target}"] = each.id
        elif each.kind == _DOMAIN and target in stack.get(successor, {}):
            imports[f"{successor}.{target}"] = each.id
        elif target not in stack.get(successor, {}) and each.kind != _STAGE:
            notes.add(Problem(in_app(source.name, each.thing), _left(each)))
    return Steps(imports=imports, notes=frozenset(notes))


def _left(each: Existing) -> str:
    left = f"the stack has none, so {each.id} stays as it is, outside of Terraform; "
    if each.kind == "aws_api_gateway_rest_api":
        delete = f"aws apigateway delete-rest-api --rest-api-id {each.id}"
        return f"{left}delete it when no client uses its URL: {delete}"
    return f"{left}delete it when nothing uses it"


def _with_other_permissions(source: Source, stack: Resources) -> Steps:
    added = [
        name
        for name, body in source.of_type("aws_lambda_permission").items()
        if prefixed(source.name, name) in stack.get("aws_lambda_permission", {})
        and "statement_id" not in body
    ]
    note = Problem(
        in_app(source.name, "permissions to call functions"),
        "the plan adds new ones, because the ids of the old ones are unknown or do not fit; those "
        "remain in the policies of the functions, and do no harm",
    )
    return Steps(notes=frozenset([note] if added else []))


def _of_another_state(origin: Evidence) -> Steps:
    note = Problem(
        in_app(origin.app, origin.what),
        "the stack that has this state would go on to change all of it; remove what is imported "
        "from there with `terraform state rm`, right after the apply",
    )
    return Steps(notes=frozenset([note]))


def _without_log_groups(source: Source, stack: Resources) -> Steps:
    groups = stack.get("aws_cloudwatch_log_group", {})
    names = [
        str(body["name"])
        for name, body in sorted(groups.items())
        if name.partition("_")[0] == source.name
    ]
    if not names:
        return Steps()
    note = Problem(
        in_app(source.name, "log groups"),
        "Lambda has made the group of each function that ran, and the apply would fail to make it "
        f"again; import them: `{LISTINGS[LOG_GROUPS]} > groups.json` and "
        f"--migrate {source.name}=groups.json",
    )
    return Steps(notes=frozenset([note]))


def _check_listings(source: Source, listings: Sequence[Listing], problems: Problems) -> None:
    if any(listing.kind != LOG_GROUPS for listing in listings):
        problems.add(
            in_apps(source.name),
            "--migrate gives only a listing; give as well what it belongs to: terraform, "
            "module.NAME, .chalice/deployed/STAGE.json or the output of `terraform state pull`",
        )


def _check_names(
    origin: Evidence,
    found: Sequence[Existing],
    source: Source,
    stack: Resources,
    problems: Problems,
) -> None:
    """Report a file of another stage or app: its functions have other names."""
    for each in found:
        body = stack.get(each.kind, {}).get(prefixed(source.name, each.name), {})
        name = body.get("function_name")
        if each.kind == "aws_lambda_function" and name not in (None, each.id):
            problems.add(
                in_app(source.name, f"--migrate {origin.what}"),
                f"its function {each.name} is {each.id}, and that of the stack {name}; give the "
                "file of the stage that was packaged",
            )


def _check_companions(source: Source, stack: Resources, steps: Steps, problems: Problems) -> None:
    """Report parts of what is imported that are not: AWS would refuse to make them again."""
    for name, body in source.of_type(_DOMAIN).items():
        address = f"{_HTTP_DOMAIN}.{prefixed(source.name, name)}"
        if address in steps.imports and "certificate_arn" in body:
            problems.add(
                in_app(source.name, f"custom domain {body['domain_name']}"),
                "it is an EDGE domain, which an HTTP API cannot have; make it REGIONAL before you "
                "migrate, or keep the REST API with --api rest",
            )
    for kind, part, listing in (
        (_HTTP_DOMAIN, "aws_apigatewayv2_api_mapping", API_MAPPINGS),
        ("aws_apigatewayv2_api", "aws_apigatewayv2_route", ROUTES),
    ):
        for name in stack.get(kind, {}):
            found = steps.imports.get(f"{kind}.{name}")
            parts = [
                each
                for each, body in stack.get(part, {}).items()
                if f"${{{kind}.{name}.id}}" in (body.get("domain_name"), body.get("api_id"))
            ]
            missing = [each for each in parts if f"{part}.{each}" not in steps.imports]
            if found is not None and missing:
                problems.add(
                    in_app(source.name, f"{part}.{missing[0].partition('_')[2]}"),
                    f"it exists in {found}, and its id is unknown; "
                    f"add --migrate {source.name}=FILE with the output of "
                    f"`{LISTINGS[listing]} {found}`",
                )
