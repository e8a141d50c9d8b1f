"""The whole stack, planned offline by make's own targets, and what is in its plan."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[3]
TERRAFORM = ROOT / "terraform"
APP_NAMES = {
    app: json.loads((ROOT / "apps" / app / ".chalice" / "config.json").read_text())["app_name"]
    for app in ("command", "query")
}
PLUGINS = ROOT / "build" / "terraform-plugins"  # where they come from the network, once
SETTINGS = "-var-file=environments/production.tfvars"

# Make gets this environment: any file that a virtual environment has stands for "it is ready".
RUN = Path(sys.prefix) / "pyvenv.cfg"

COLOUR = re.compile(r"\x1b\[[0-9;]*m")

JsonObject = dict[str, Any]


class MakeError(Exception):
    """Make failed; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as `terraform show -json` gives it."""

    json: JsonObject

    def resources(self, kind: str) -> dict[str, JsonObject]:
        """What is planned of a type: values by name, or by name and key as in `live["command"]`."""
        return {
            resource["address"].removeprefix(f"{kind}."): resource["values"]
            for resource in self.json["planned_values"]["root_module"]["resources"]
            if resource["type"] == kind and resource["mode"] == "managed"
        }

    def unknown(self, address: str) -> JsonObject:
        """The values of a resource that no plan can know."""
        [change] = [c for c in self.json["resource_changes"] if c["address"] == address]
        unknown: JsonObject = change["change"]["after_unknown"]
        return unknown

    def references(self, address: str) -> set[str]:
        """All that the configuration of a resource refers to."""
        [resource] = [
            resource
            for resource in self.json["configuration"]["root_module"]["resources"]
            if resource["address"] == address
        ]
        return set(_references(resource["expressions"]))


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = value.get("references", [])
        return [*own, *(found for part in value.values() for found in _references(part))]
    if isinstance(value, list):
        return [found for part in value for found in _references(part)]
    return []


@dataclass(frozen=True, slots=True)
class Stack:
    """Make's targets, with a build folder of one's own."""

    build: Path

    def make(
        self, *arguments: str, offline: bool = True, environment: Mapping[str, str] | None = None
    ) -> str:
        """Runs make, as a person would who has no credentials. Raises MakeError."""
        settings = [f"BUILD={self.build}", f"RUN={RUN}", *(["OFFLINE=1"] if offline else [])]
        done = subprocess.run(
            ["make", *settings, *arguments],
            cwd=ROOT,
            env={**_surroundings(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = COLOUR.sub("", done.stdout + done.stderr)
        if done.returncode != 0:
            raise MakeError(said)
        return said

    def plan(self, root: str) -> Plan:
        """The plan of a root, as plan_both left it."""
        return read(self.build / "plans" / "offline" / f"{root}.json")

    def planned(self, *variables: str) -> Plan:
        """The service's plan with these variables, each `name=value`. Raises MakeError."""
        given = " ".join([SETTINGS, *(f"-var='{variable}'" for variable in variables)])
        place = self.build / "plans" / "varied"
        self.make("terraform-plan", f"SETTINGS={given}", f"PLANS={place}")
        return read(place / "service.json")


def _surroundings() -> dict[str, str]:
    ours = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MAKE", "MFLAGS", "AWS_", "TF_VAR_", "TF_CLI_"))
    }
    PLUGINS.mkdir(parents=True, exist_ok=True)
    return {"TF_PLUGIN_CACHE_DIR": str(PLUGINS), **ours, "AWS_EC2_METADATA_DISABLED": "true"}


@cache
def plan_both(stack: Stack) -> str:
    """Packages, validates and plans both roots offline, and returns what make said."""
    require_terraform()
    targets = ["terraform-validate-offline", "terraform-plan", "terraform-plan-registry"]
    try:
        return stack.make("ENV=production", *targets)
    except MakeError as error:
        if "available provider packages" not in str(error):
            raise
        lacking("terraform has no AWS provider: go online or set TF_PLUGIN_DIR")


def read(path: Path) -> Plan:
    return Plan(json.loads(path.read_text()))


def require_terraform() -> None:
    """CI must have Terraform; elsewhere what needs it is skipped."""
    if shutil.which("terraform") is None:
        lacking("terraform is not on PATH: install it to test the stack")


def lacking(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
