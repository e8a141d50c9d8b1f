"""Reads the templates that Chalice wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path

from chalice_terraform.merging import Source
from chalice_terraform.merging.model import JsonObject, failure, in_apps
from chalice_terraform.merging.zips import ZIPS

TEMPLATE = "chalice.tf.json"


def read_source(argument: str, output: Path) -> Source:
    """Return the source that ``NAME=DIR`` names, with the path of its zip files from ``output``.

    ``output`` is the file of the merged template. Raises ``MergeError`` and ``OSError``.
    """
    name, separator, directory = argument.partition("=")
    if not separator or not directory:
        raise failure(argument, "a source must be NAME=DIR, such as command=build/command")
    template = read_template(name, Path(directory))
    # Where Terraform resolves .. in a path, it follows links.
    folder = os.path.relpath(os.path.realpath(directory), os.path.realpath(output.parent))
    return Source(name, template, {zipped: f"{folder}/{zipped}" for zipped in ZIPS})


def read_template(name: str, folder: Path) -> JsonObject:
    """Return the template in this folder, of the app ``name``. Raises like ``read_source``."""
    path = folder / TEMPLATE
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise failure(
            in_apps(name),
            f"{path} is missing; run chalice package --pkg-format terraform {folder}",
        ) from None
    except (ValueError, RecursionError) as error:
        raise failure(in_apps(name), f"{path} is not JSON: {error}") from None
    if not isinstance(template, dict):
        raise failure(in_apps(name), f"{path} is not a JSON object; package the app again")
    return template
