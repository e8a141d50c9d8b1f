"""The merge: a pure function from the apps' templates to one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .app import App, read_app
from .authorizers import resolve_authorizers
from .functions import variable_blocks
from .http_api import http_api_blocks
from .model import Block, JsonObject, Options, Problems, Source
from .naming import is_valid_name
from .references import references_in
from .renaming import ACCOUNT_ID, rename
from .resources import Context, resource_blocks
from .rest_api import read_rest_api

# What AWS wants to be different in an account and region, whatever Terraform calls it.
_UNIQUE: Mapping[str, str] = {
    "aws_apigatewayv2_domain_name": "domain_name",
    "aws_cloudwatch_event_rule": "name",
    "aws_iam_role": "name",
    "aws_lambda_function": "function_name",
    "aws_s3_bucket_notification": "bucket",
}


def merge(sources: Sequence[Source], options: Options | None = None) -> JsonObject:
    """One template, for `chalice.tf.json`, out of those of one or more Chalice apps.

    The result is the same for any order of the sources and of their members. Raises MergeError,
    with all problems at once, if the sources have what the stack cannot have or the merge does not
    know.
    """
    options = options or Options()
    problems = Problems(options.allow_drop)
    _check_names(sources, options, problems)
    problems.raise_if_any()
    apps = [
        rename(read_app(source, problems), options.api, problems)
        for source in sorted(sources, key=lambda source: source.name)
    ]
    template = _assembled(_blocks(apps, options, problems), problems)
    _check_unique(template, problems)
    for drop in sorted(problems.unused_drops()):
        problems.add(f"--allow-drop {drop}", "no app has what it drops: leave it out")
    problems.raise_if_any()
    return {"//": _comment(apps, problems)} | template


def _check_names(sources: Sequence[Source], options: Options, problems: Problems) -> None:
    names = [source.name for source in sources]
    if not names:
        problems.add("sources", "there is none: give at least one as NAME=DIR")
    for name in sorted({*names, options.api}):
        if not is_valid_name(name):
            problems.add(f"name {name}", "use lower case letters and digits, a letter first")
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(f"name {name}", "two sources have it: give each a name of its own")


def _blocks(apps: Sequence[App], options: Options, problems: Problems) -> Iterator[Block]:
    apis = [api for app in apps if (api := read_rest_api(app, problems)) is not None]
    authorizers = resolve_authorizers(apis, options, problems)
    yield Block(
        ("terraform",),
        {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.0"}},
            "required_version": ">= 1.5",
        },
    )
    yield from variable_blocks(apps)
    for app in apps:
        yield from resource_blocks(Context(app, authorizers, options, problems))
        if app.outputs:
            yield Block(("output", app.name), _output(app))
    yield from http_api_blocks(apis, authorizers, options, problems)


def _output(app: App) -> JsonObject:
    return {
        "description": f"The outputs of the Chalice app {app.title}.",
        "value": dict(app.outputs),
    }


def _assembled(blocks: Iterable[Block], problems: Problems) -> JsonObject:
    template: JsonObject = {}
    seen: set[tuple[str, ...]] = set()
    for block in blocks:
        if block.path in seen:
            problems.add(".".join(block.path), "two things would have this name: rename one")
        seen.add(block.path)
        _put(template, block)
    for block in _lookups(template):
        _put(template, block)
    return template


def _put(template: JsonObject, block: Block) -> None:
    place = template
    for part in block.path[:-1]:
        place = place.setdefault(part, {})
    place[block.path[-1]] = block.body


def _lookups(template: JsonObject) -> Iterator[Block]:
    """Data sources and values that something in the template refers to."""
    used = references_in(template)
    if any(traversal.startswith("data.aws_partition.chalice") for traversal in used):
        yield Block(("data", "aws_partition", "chalice"), {})
    if any(traversal.startswith("data.aws_service.lambda") for traversal in used):
        yield Block(("data", "aws_service", "lambda"), {"service_id": "lambda"})
    if ACCOUNT_ID in used:
        yield from _account_id()


def _account_id() -> Iterator[Block]:
    """The account's id, asked of AWS unless it is given: with it, a plan needs no AWS."""
    asked = "one(data.aws_caller_identity.chalice[*].account_id)"
    yield Block(
        ("data", "aws_caller_identity", "chalice"),
        {"count": "${var.account_id == null ? 1 : 0}"},
    )
    yield Block(
        ("locals",),
        {
            ACCOUNT_ID.removeprefix(
                "local."
            ): f"${{var.account_id == null ? {asked} : var.account_id}}"
        },
    )
    yield Block(
        ("variable", "account_id"),
        {
            "default": None,
            "description": "The AWS account's id. Without it AWS is asked, also by a plan.",
            "type": "string",
            "validation": [
                {
                    "condition": '${var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))}',
                    "error_message": "An AWS account's id has 12 digits.",
                }
            ],
        },
    )


def _check_unique(template: JsonObject, problems: Problems) -> None:
    for kind, attribute in _UNIQUE.items():
        owners: dict[str, str] = {}
        for name, body in sorted(template.get("resource", {}).get(kind, {}).items()):
            value = body.get(attribute)
            other = owners.setdefault(value, name)
            if other != name and value is not None:
                apps = sorted({other.partition("_")[0], name.partition("_")[0]})
                problems.add(
                    f"app{'s' if len(apps) > 1 else ''} {' and '.join(apps)}",
                    f"two resources {kind} have one {attribute}, {value}: change app_name or "
                    "stage of one, or leave the thing to one of them",
                )


def _comment(apps: Sequence[App], problems: Problems) -> list[str]:
    names = ", ".join(app.name for app in apps)
    return [
        f"Made by `python -m terraform.merge` out of the Chalice apps {names}.",
        "Do not edit it: change the apps, or refine it in *_override.tf files.",
        *problems.dropped(),
    ]
