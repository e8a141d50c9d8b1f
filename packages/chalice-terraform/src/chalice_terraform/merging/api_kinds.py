"""The kinds of API that a stack may have: what each replaces, writes and checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from . import http_api, kept_rest_api
from .app import App
from .model import Options, Problems
from .naming import is_valid_name, prefixed
from .renaming import Replacements
from .translation import Translation


@dataclass(frozen=True)
class ApiKind:
    """One kind of API.

    ``name_of`` returns the Terraform name of the API that serves the app of this name. ``unused``
    maps the options that make no sense with it to the reason.
    """

    name_of: Callable[[str, Options], str]
    replacements: Callable[[Options], Replacements]
    translate: Callable[[Sequence[App], Options, Problems], Translation]
    unused: Mapping[str, str] = field(default_factory=dict)


KINDS: Mapping[str, ApiKind] = {
    "http": ApiKind(
        name_of=lambda _, options: options.api_name,
        replacements=http_api.replacements,
        translate=http_api.translate,
    ),
    "http-per-app": ApiKind(
        name_of=lambda app, _: app,
        replacements=http_api.replacements,
        translate=http_api.translate,
        unused={"api_name": "each HTTP API has the name of its app"},
    ),
    "rest": ApiKind(
        name_of=lambda app, _: prefixed(app, "rest_api"),
        replacements=kept_rest_api.replacements,
        translate=kept_rest_api.translate,
        unused={
            "api_name": "each REST API has the app_name of its app",
            "audiences": "a REST API has Cognito authorizers of its own",
            "payload_format": "a REST API has one format",
            "stage_prefix": "a REST API keeps its stage, which is in its URLs already; set "
            "api_gateway_stage in .chalice/config.json to change it",
        },
    ),
}
"""By the values of ``Options.api``."""

_FLAGS = {
    "api_name": "--api-name",
    "audiences": "--audience",
    "payload_format": "--payload-format",
    "stage_prefix": "--stage-prefix",
}
_STAGE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")  # see CreateStage of Amazon API Gateway V2


def check_options(options: Options, problems: Problems) -> None:
    """Report options that are invalid, or that make no sense with the kind of API."""
    for name, reason in KINDS[options.api].unused.items():
        if getattr(options, name) != getattr(Options(), name):
            problems.add(_FLAGS[name], f"--api {options.api} does not take it: {reason}")
    prefix = options.stage_prefix
    if prefix is not None and not _STAGE_NAME.fullmatch(prefix):
        problems.add(
            f"--stage-prefix {prefix}",
            "the name of a stage has up to 128 letters, digits, hyphens and underscores; correct "
            "it",
        )
    if not is_valid_name(options.api_name):
        problems.add(
            f"--api-name {options.api_name}",
            "use lowercase letters and digits, beginning with a letter",
        )
