"""Reads the templates that Chalice wrote."""

from __future__ import annotations

import json
from pathlib import Path

from chalice_terraform.merging import MergeError, Source
from chalice_terraform.merging.model import in_app

TEMPLATE = "chalice.tf.json"


def read_source(argument: str) -> Source:
    """Return the source that ``NAME=DIR`` names. Raises ``MergeError`` and ``OSError``."""
    name, separator, directory = argument.partition("=")
    if not separator or not directory:
        raise MergeError([f"{argument}: a source must be NAME=DIR, such as command=build/command"])
    path = Path(directory) / TEMPLATE
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MergeError(
            [
                in_app(
                    name,
                    f"{path} is missing; run chalice package --pkg-format terraform {directory}",
                )
            ]
        ) from None
    except ValueError as error:
        raise MergeError([in_app(name, f"{path} is not JSON: {error}")]) from None
    if not isinstance(template, dict):
        raise MergeError([in_app(name, f"{path} is not a JSON object; package the app again")])
    return Source(name, template)
