"""Runs Chalice: ``chalice package`` on an app, of which it collects the results."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chalice_terraform.command_line.projects import Project
from chalice_terraform.command_line.reproducible_zips import make_reproducible
from chalice_terraform.command_line.staleness import missing_files
from chalice_terraform.command_line.templates import read_template
from chalice_terraform.merging import Source
from chalice_terraform.merging.model import failure, in_apps
from chalice_terraform.merging.zips import ZIPS

Environment = Mapping[str, str]
"""The variables of this process's environment."""

_VERSION = re.compile(r"chalice (\S+), python (\d+\.\d+)")


@dataclass(frozen=True)
class Package:
    """A packaged app: its source, and its zip files by the names that the source gives them."""

    source: Source
    zips: Mapping[str, Path]


def find_chalice(environment: Environment) -> str:
    """Return the command ``chalice``: that of this Python's environment, or else that on PATH.

    Raises ``MergeError`` if there is none.
    """
    folders = [sysconfig.get_path("scripts"), environment.get("PATH", os.defpath)]
    found = shutil.which("chalice", path=os.pathsep.join(folders))
    if found is None:
        raise failure(
            "chalice",
            "it is not installed beside chalice-terraform and not on PATH; install it, or activate "
            "the environment that has it",
        )
    return found


def chalice_version(chalice: str) -> tuple[str, str]:
    """Return the version of this Chalice, and of its Python without the last part.

    Chalice deploys functions for that Python. Raises ``MergeError``.
    """
    done = subprocess.run([chalice, "--version"], capture_output=True, text=True, check=False)
    found = _VERSION.search(done.stdout)
    if found is None:
        said = (done.stderr or done.stdout).strip()
        raise failure(f"{chalice} --version", f"it does not name its versions: {said}")
    return found[1], found[2]


def package(
    chalice: str, project: Project, stage: str, scratch: Path, environment: Environment
) -> Package:
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
            **environment,
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
    zips = {
        default.format(app=project.name): output / zipped
        for zipped, default in ZIPS.items()
        if (output / zipped).exists()
    }
    missing = missing_files(project.folder, zips.values())
    if missing:
        raise failure(
            in_apps(project.name),
            f"Chalice used a package of earlier sources again, which lacks {', '.join(missing)}; "
            f"remove {project.folder / '.chalice' / 'deployments'}",
        )
    for path in zips.values():
        make_reproducible(path)
    return Package(Source(project.name, template), zips)
