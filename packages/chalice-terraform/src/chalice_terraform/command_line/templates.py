"""Reads the templates that Chalice wrote."""

from __future__ import annotations

import json
from pathlib import Path

from chalice_terraform.merging import Source
from chalice_terraform.merging.model import failure, in_apps

TEMPLATE = "chalice.tf.json"


def read_source(argument: str) -> Source:
    """Return the source that ``NAME=DIR`` names. Raises ``MergeError`` and ``OSError``."""
    name, separator, directory = argument.partition("=")
    if not separator or not directory:
        raise failure(argument, "a source must be NAME=DIR, such as command=build/command")
    path = Path(directory) / TEMPLATE
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise failure(
            in_apps(name),
            f"{path} is missing; run chalice package --pkg-format terraform {directory}",
        ) from None
    except ValueError as error:
        raise failure(in_apps(name), f"{path} is not JSON: {error}") from None
    if not isinstance(template, dict):
        raise failure(in_apps(name), f"{path} is not a JSON object; package the app again")
    return Source(name, template)
