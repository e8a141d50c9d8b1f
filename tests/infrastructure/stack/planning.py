"""Plans the stack offline with make's own targets, and reads its plans."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.prerequisites import require_terraform, skip_or_fail

ROOT = Path(__file__).resolve().parents[3]
TERRAFORM = ROOT / "terraform"
APP_NAMES = {
    app: json.loads((ROOT / "apps" / app / ".chalice" / "config.json").read_text())["app_name"]
    for app in ("command", "query")
}
PLUGINS = ROOT / "build" / "terraform-plugins"  # downloaded once
SETTINGS = "-var-file=environments/production.tfvars"

KEY = "arn:aws:kms:eu-central-1:000000000000:key/1"
RUNBOOK = "https://example.com/a/b/blob/HEAD/docs/how-to/runbook.md"
CERTIFICATE = "arn:aws:acm:eu-central-1:000000000000:certificate/1"
OPTIONS = (
    f'custom_domain={{name="books.example.com",certificate_arn="{CERTIFICATE}",zone_id="Z1"}}',
    'rollout={stable_versions={command="7"},new_share=0.1}',
    "provisioned_concurrency={query=3}",
    "reserved_concurrency={command=20,query=30}",
    'alarm_emails=["on-call@example.com"]',
    'pager_endpoints=["https://pager.example/1"]',
    f"runbook_url={RUNBOOK}",
    f"kms_key_arn={KEY}",
    "architecture=arm64",
    'cors_origins=["https://one.example","http://localhost:3000"]',
    "docs=false",
    "actor=digest",
    "tracing=off",
    'integration_events={source="https://books.example.com/",archive_days=7}',
)
"""All that is optional, which is planned at once."""

# The environment of this test for make: any file in it counts as the sign that it is ready.
RUN = Path(sys.prefix) / "pyvenv.cfg"

COLOUR = re.compile(r"\x1b\[[0-9;]*m")

JsonObject = dict[str, Any]


class MakeError(Exception):
    """Make failed; the message is its output."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, as ``terraform show -json`` prints it."""

    json: JsonObject

    def resources(self, kind: str) -> dict[str, JsonObject]:
        """Return the planned values of a type by name, or by name and key: ``live["command"]``.

        What there is one of at most has no key: ``query_publish``, and not ``query_publish[0]``.
        """
        return {
            resource["address"].removeprefix(f"{kind}.").removesuffix("[0]"): resource["values"]
            for resource in self.json["planned_values"]["root_module"]["resources"]
            if resource["type"] == kind and resource["mode"] == "managed"
        }

    def unknown(self, address: str) -> JsonObject:
        """Return the values of a resource that are unknown until it is applied."""
        [change] = [c for c in self.json["resource_changes"] if c["address"] == address]
        unknown: JsonObject = change["change"]["after_unknown"]
        return unknown

    def configuration(self, address: str) -> JsonObject:
        """Return the configuration of a resource."""
        resources: list[JsonObject] = self.json["configuration"]["root_module"]["resources"]
        [resource] = [resource for resource in resources if resource["address"] == address]
        return resource

    def references(self, address: str) -> set[str]:
        """Return everything that the configuration of a resource refers to."""
        return set(_references(self.configuration(address)["expressions"]))


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = value.get("references", [])
        return [*own, *(found for part in value.values() for found in _references(part))]
    if isinstance(value, list):
        return [found for part in value for found in _references(part)]
    return []


@dataclass(frozen=True, slots=True)
class Stack:
    """Make's targets, with a build folder of their own."""

    build: Path

    def make(
        self, *arguments: str, offline: bool = True, environment: Mapping[str, str] | None = None
    ) -> str:
        """Run make without AWS credentials, and return its output. Raises ``MakeError``."""
        settings = [f"BUILD={self.build}", f"RUN={RUN}", *(["OFFLINE=1"] if offline else [])]
        done = subprocess.run(
            ["make", *settings, *arguments],
            cwd=ROOT,
            env={**_environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        output = COLOUR.sub("", done.stdout + done.stderr)
        if done.returncode != 0:
            raise MakeError(output)
        return output

    def plan(self, root: str) -> Plan:
        """Return the plan of a root that ``plan_all`` wrote."""
        return read(self.build / "plans" / "offline" / f"{root}.json")

    def planned(self, *variables: str) -> Plan:
        """Plan the service with these variables, each ``name=value``. Raises ``MakeError``."""
        given = " ".join([SETTINGS, *(f"-var='{variable}'" for variable in variables)])
        folder = self.build / "plans" / "varied"
        self.make("terraform-plan", f"SETTINGS={given}", f"PLANS={folder}")
        return read(folder / "service.json")


def _environment() -> dict[str, str]:
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MAKE", "MFLAGS", "AWS_", "TF_VAR_", "TF_CLI_"))
    }
    PLUGINS.mkdir(parents=True, exist_ok=True)
    return {"TF_PLUGIN_CACHE_DIR": str(PLUGINS), **inherited, "AWS_EC2_METADATA_DISABLED": "true"}


@cache
def plan_all(stack: Stack) -> str:
    """Package, validate and plan all roots offline; return the output of make."""
    require_terraform()
    plans = ("terraform-plan", "terraform-plan-registry", "terraform-plan-bootstrap")
    targets = ["terraform-validate-offline", *plans]
    try:
        return stack.make("ENV=production", *targets)
    except MakeError as error:
        if "available provider packages" not in str(error):
            raise
        skip_or_fail("terraform has no AWS provider: go online or set TF_PLUGIN_DIR")


def read(path: Path) -> Plan:
    return Plan(json.loads(path.read_text()))


@cache
def plan_with_options(stack: Stack) -> Plan:
    """Plan the service with ``OPTIONS``, after ``plan_all``."""
    return stack.planned(*OPTIONS)
