"""Runs the real ``chalice package`` on small Chalice apps."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from chalice_terraform.merging import Source
from harness.environment import with_sources

JsonObject = dict[str, Any]
Package = Callable[[str, "ChaliceApp"], Source]
"""Packages an app under its name in the stack."""


@dataclass(frozen=True)
class ChaliceApp:
    """A Chalice app. ``stage`` is its stage dev in config.json; ``files`` are others, by path."""

    code: str
    stage: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


class PackagingError(Exception):
    """``chalice package`` failed; the message is its output."""


def package(name: str, app: ChaliceApp, directory: Path) -> JsonObject:
    """Write the app to the directory and package it under this name. Raises ``PackagingError``."""
    config = {"version": "2.0", "app_name": name, "stages": {"dev": dict(app.stage)}}
    files = {
        "app.py": f"from chalice import *\n\napp = Chalice(app_name={name!r})\n{app.code}",
        ".chalice/config.json": json.dumps(config),
        **app.files,
    }
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return run_chalice(directory, {})


def package_copy(source: Path, directory: Path, environment: Mapping[str, str]) -> JsonObject:
    """Package a copy of the app in a folder, because Chalice writes there."""
    shutil.copytree(
        source, directory, ignore=shutil.ignore_patterns("build", "deployments", "__pycache__")
    )
    return run_chalice(directory, environment)


def run_chalice(directory: Path, environment: Mapping[str, str]) -> JsonObject:
    """Package the app in the directory for Terraform. Raises ``PackagingError``."""
    request = {
        "directory": str(directory),
        "environment": {**with_sources(), "AWS_DEFAULT_REGION": "eu-west-1", **environment},
    }
    packager = _packager()
    assert packager.stdin is not None
    assert packager.stdout is not None
    print(json.dumps(request), file=packager.stdin, flush=True)
    response = json.loads(packager.stdout.readline())
    if response["code"] != 0:
        raise PackagingError(response["output"])
    template = json.loads((directory / "out" / "chalice.tf.json").read_text())
    assert isinstance(template, dict)
    return template


@cache
def _packager() -> subprocess.Popen[str]:
    """Start the process that packages; it ends with this one, whose end of the pipe it reads."""
    return subprocess.Popen(
        [sys.executable, "-m", "harness.packager"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
