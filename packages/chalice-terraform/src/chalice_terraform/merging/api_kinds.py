"""The kinds of API that a stack may have: what each replaces, writes and checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from . import http_api
from .app import App
from .model import Options, Problems
from .renaming import Replacements
from .translation import Translation


@dataclass(frozen=True)
class ApiKind:
    """One kind of API.

    ``name_of`` returns the Terraform name of the API that serves the app of this name.
    """

    name_of: Callable[[str, Options], str]
    replacements: Callable[[Options], Replacements]
    translate: Callable[[Sequence[App], Options, Problems], Translation]


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
    ),
}
"""By the values of ``Options.api``."""
