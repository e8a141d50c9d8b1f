"""Runs ``chalice package`` on the apps of a stack, and collects what it wrote."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice_terraform.command_line.reproducible_zips import make_reproducible
from chalice_terraform.command_line.templates import read_template
from chalice_terraform.merging import Source
from chalice_terraform.merging.model import Problems, failure, in_apps
from chalice_terraform.merging.zips import ZIPS

_CONFIG = Path(".chalice", "config.json")


@dataclass(frozen=True)
class Project:
    """The project of a Chalice app: the app's name in the stack, and the project's folder."""

    name: str
    folder: Path


@dataclass(frozen=True)
class Package:
    """A packaged app: its source, and its zip files by the names that the source gives them."""

    source: Source
    zips: Mapping[str, Path]


def find_projects(arguments: Sequence[str]) -> list[Project]:
    """Return the projects that ``APP_DIR`` and ``NAME=APP_DIR`` name. Raises ``MergeError``.

    Without a name, an app is called by the letters and digits of its ``app_name`` in Chalice: that
    is the same in every clone, which a folder's name need not be.
    """
    problems = Problems()
    projects = [_project(argument, problems) for argument in arguments]
    problems.raise_if_any()
    return projects


def find_chalice(path: str) -> str:
    """Return the command ``chalice``: this environment's, or else that on ``path``.

    Raises ``MergeError`` if there is none.
    """
    found = shutil.which("chalice", path=sysconfig.get_path("scripts") + os.pathsep + path)
    if found is None:
        raise failure(
            "chalice",
            "it is not installed beside chalice-terraform and not on PATH; install it, or activate "
            "the environment that has it",
        )
    return found


def package(chalice: str, project: Project, stage: str, scratch: Path) -> Package:
    """Package the project for a stage, in the folder ``scratch``. Raises ``MergeError``.

    Chalice's own output goes to standard error.
    """
    output = scratch.resolve() / project.name
    print(f"{project.name}: chalice package in {project.folder}", file=sys.stderr, flush=True)  # noqa: T201
    done = subprocess.run(
        [chalice, "package", "--pkg-format", "terraform", "--stage", stage, str(output)],
        cwd=project.folder,
        env={
            # Otherwise the order in which Chalice unpacks dependencies is another in every run.
            "PYTHONHASHSEED": "0",
            **os.environ,
            # Chalice would package the bytecode that its import of the app leaves behind.
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdout=2,
        check=False,
    )
    if done.returncode != 0:
        raise failure(
            in_apps(project.name),
            f"chalice package failed with exit code {done.returncode}; its output above says why",
        )
    template = read_template(project.name, output)
    zips = {}
    for zipped, default in ZIPS.items():
        if (output / zipped).exists():
            make_reproducible(output / zipped)
            zips[default.format(app=project.name)] = output / zipped
    return Package(Source(project.name, template), zips)


def _project(argument: str, problems: Problems) -> Project:
    name, separator, directory = argument.partition("=")
    if not separator or "/" in name:  # a folder may have = in its name: ./a=b
        name, directory = "", argument
    folder = Path(directory)
    if not (folder / _CONFIG).is_file():
        problems.add(argument, f"{folder / _CONFIG} is missing; give the folder of a Chalice app")
    elif not name:
        name = _default_name(argument, folder, problems)
    return Project(name, folder)


def _default_name(argument: str, folder: Path, problems: Problems) -> str:
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        problems.add(argument, f"{folder / _CONFIG} is not JSON: {error}")
        return ""
    title = config.get("app_name") if isinstance(config, dict) else None
    name = re.sub("[^a-z0-9]", "", str(title or "").lower())
    if not name or name[0].isdigit():
        problems.add(
            argument,
            f"its app_name, {title}, gives it no name in the stack; name it, as in shop={argument}",
        )
    return name
