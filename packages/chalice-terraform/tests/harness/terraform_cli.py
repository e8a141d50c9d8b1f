"""Runs Terraform on merged templates, offline: one ``init`` for all, one folder for each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]
Plan = Callable[[str, JsonObject], JsonObject]
"""Plans a merged template, by a name for its folder."""

Values = Mapping[str, JsonObject]
"""The planned values of a module's resources, by address."""

PLUGINS = "TF_PLUGIN_DIR"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/books@sha256:" + "0" * 64


class TerraformError(Exception):
    """Terraform failed; the message is its output on one line."""


@dataclass(frozen=True)
class Module:
    """A Terraform module: its files, and the values of its variables."""

    files: Mapping[str, str]
    variables: Mapping[str, str]


@dataclass(frozen=True)
class Terraform:
    """An initialised Terraform: ``home`` is the folder that ``init`` was run in."""

    program: str
    home: Path

    def plan(
        self, folder: Path, files: Mapping[str, str], variables: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the plan of the files, as ``terraform show -json``. Raises ``TerraformError``.

        A plan validates the files first.
        """
        _write(folder, files)
        shutil.copy(self.home / ".terraform.lock.hcl", folder)
        return _plan(self, folder, *(f"-var={name}={value}" for name, value in variables.items()))

    def plan_modules(
        self, folder: Path, files: Mapping[str, str], modules: Mapping[str, Module]
    ) -> Mapping[str, Values]:
        """Return the values that one plan has for each module. Raises ``TerraformError``.

        ``files`` are those of the root. To start Terraform takes longer than to plan a module.
        """
        calls = {
            name: {"source": f"../{name}", **module.variables} for name, module in modules.items()
        }
        _write(folder, {**files, "modules.tf.json": json.dumps({"module": calls})})
        for name, module in modules.items():
            _write(folder.with_name(name), module.files)
        plan = _plan(init(self.program, folder, "{}"), folder)
        return {
            child["address"].removeprefix("module."): {
                resource["address"].removeprefix(f"{child['address']}."): resource["values"]
                for resource in child["resources"]
            }
            for child in plan["planned_values"]["root_module"]["child_modules"]
        }


def _plan(terraform: Terraform, folder: Path, *arguments: str) -> dict[str, Any]:
    program, home = terraform.program, terraform.home
    run(program, folder, home, "plan", "-input=false", "-lock=false", "-out=plan", *arguments)
    plan = json.loads(run(program, folder, home, "show", "-json", "plan"))
    assert isinstance(plan, dict)
    return plan


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def init(program: str, home: Path, configuration: str) -> Terraform:
    """Run ``init``, with the plugins in ``TF_PLUGIN_DIR`` if set. Raises ``TerraformError``."""
    (home / "main.tf.json").write_text(configuration)
    plugins = os.environ.get(PLUGINS)
    run(
        program,
        home,
        home,
        "init",
        "-backend=false",
        *([f"-plugin-dir={plugins}"] if plugins else []),
    )
    return Terraform(program, home)


def run(program: str, folder: Path, home: Path, command: str, *arguments: str) -> str:
    """Run a Terraform command with the data of ``init``. Raises ``TerraformError``."""
    done = subprocess.run(
        [program, command, *arguments, *([] if command == "show" else ["-no-color"])],
        cwd=folder,
        env={
            **os.environ,
            "CHECKPOINT_DISABLE": "1",
            "TF_DATA_DIR": str(home / ".terraform"),
            "TF_IN_AUTOMATION": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise TerraformError(" ".join((done.stderr + done.stdout).replace("│", " ").split()))
    return done.stdout
