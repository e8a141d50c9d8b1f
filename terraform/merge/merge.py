"""The merge itself: its stages, in order. The package's docstring describes them."""

from collections.abc import Iterator, Sequence

from .app import App, read_app
from .assembly import assemble
from .authorizers import resolve_authorizers
from .context import Context
from .functions import variable_blocks
from .http_api import http_api_blocks
from .model import Block, JsonObject, Options, Problems, Source
from .naming import is_valid_name
from .renaming import rename
from .resources import resource_blocks
from .rest_api import read_rest_api


def merge(sources: Sequence[Source], options: Options | None = None) -> JsonObject:
    """Return one template, for ``chalice.tf.json``, from those of one or more Chalice apps.

    The result does not depend on the order of the sources, or of the members of their JSON objects.
    Raises ``MergeError``, with all problems at once, if the sources contain what the stack cannot
    express or the merge does not know.
    """
    options = options or Options()
    problems = Problems(options.allow_drop)
    _check_names(sources, options, problems)
    problems.raise_if_any()
    apps = [
        rename(read_app(source, problems), options.api, problems)
        for source in sorted(sources, key=lambda source: source.name)
    ]
    template = assemble(_blocks(apps, options, problems), problems)
    for drop in sorted(problems.unused_drops()):
        problems.add(f"--allow-drop {drop}", "no app uses this feature; remove the option")
    problems.raise_if_any()
    return {"//": _comment(apps, problems)} | template


def _check_names(sources: Sequence[Source], options: Options, problems: Problems) -> None:
    names = [source.name for source in sources]
    if not names:
        problems.add("sources", "none given; give at least one as NAME=DIR")
    for name in sorted({*names, options.api}):
        if not is_valid_name(name):
            problems.add(
                f"name {name}", "use lowercase letters and digits, beginning with a letter"
            )
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add(f"name {name}", "two sources have this name; rename one")


def _blocks(apps: Sequence[App], options: Options, problems: Problems) -> Iterator[Block]:
    apis = [api for app in apps if (api := read_rest_api(app, problems)) is not None]
    authorizers = resolve_authorizers(apis, options, problems)
    yield _versions()
    yield from variable_blocks(apps)
    for app in apps:
        yield from resource_blocks(Context(app, authorizers, options, problems))
        if app.outputs:
            yield _output(app)
    yield from http_api_blocks(apis, authorizers, options, problems)


def _versions() -> Block:
    body = {
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.0"}},
        "required_version": ">= 1.5",
    }
    return Block(("terraform",), body)


def _output(app: App) -> Block:
    body = {
        "description": f"The outputs of the Chalice app {app.title}.",
        "value": dict(app.outputs),
    }
    return Block(("output", app.name), body)


def _comment(apps: Sequence[App], problems: Problems) -> list[str]:
    names = ", ".join(app.name for app in apps)
    return [
        f"Made by `python -m terraform.merge` out of the Chalice apps {names}.",
        "Do not edit it: change the apps, or refine it in *_override.tf files.",
        *problems.dropped(),
    ]
