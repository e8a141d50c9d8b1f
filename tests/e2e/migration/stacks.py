"""Stacks of Terraform in the emulator, and what a plan changes in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice_terraform.command_line.program import main

STATE = "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a plan does: with each resource, and to import how many."""

    actions: Mapping[str, str]
    imported: frozenset[str]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many resources are imported, added, changed and destroyed."""
        actions = Counter(self.actions.values())
        return {
            "import": len(self.imported),
            "add": actions["create"] + actions["replace"],
            "change": actions["update"],
            "destroy": actions["delete"] + actions["replace"],
        }

    def of(self, action: str) -> set[str]:
        """Return the addresses of the resources that it creates, replaces, ..."""
        return {address for address, its in self.actions.items() if its == action}


@dataclass(frozen=True, slots=True)
class Stack:
    """A folder with the configuration of a stack and its state."""

    folder: Path
    environment: Mapping[str, str]

    def init(self) -> None:
        """Install the provider. Raises ``AssertionError`` with Terraform's output."""
        plugins = os.environ.get("TF_PLUGIN_DIR")
        self._terraform("init", *([f"-plugin-dir={plugins}"] if plugins else []))

    def plan(self, *variables: str) -> Changes:
        """Return what an apply of the configuration would change."""
        given = [f"-var={variable}" for variable in variables]
        return _changes(self._terraform("plan", "-json", "-lock=false", *given))

    def apply(self) -> Changes:
        """Apply the configuration, and return what the plan for it was."""
        return _changes(self._terraform("apply", "-json", "-auto-approve"))

    def identity(self, address: str, attribute: str = "id") -> str:
        """Return an attribute of a resource in the state."""
        kind, _, name = address.partition(".")
        state = json.loads((self.folder / STATE).read_text())
        (found,) = (
            each["instances"][0]["attributes"][attribute]
            for each in state["resources"]
            if (each["type"], each["name"]) == (kind, name)
        )
        return str(found)

    def variant(self, name: str) -> Stack:
        """Return a copy, with the same state, in which another form may be planned."""
        folder = self.folder.with_name(f"{self.folder.name}-{name}")
        shutil.copytree(self.folder, folder, symlinks=True)
        return Stack(folder, self.environment)

    def merge(self, name: str, packaged: Path, *options: str) -> None:
        """Write the merged form of an app in place of what the stack had."""
        output = str(self.folder / "chalice.tf.json")
        assert main(["merge", f"{name}={packaged}", "--output", output, *options]) == 0

    def _terraform(self, command: str, *arguments: str) -> str:
        done = subprocess.run(
            ["terraform", command, "-no-color", "-input=false", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stderr + done.stdout)[-6000:]
        return done.stdout


def _changes(output: str) -> Changes:
    """Return the changes that Terraform planned, from its output: a JSON object on each line.

    See "Machine-Readable UI" in Terraform's documentation.
    """
    messages = [json.loads(line) for line in output.splitlines()]
    planned = [each["change"] for each in messages if each["type"] == "planned_change"]
    same = ("noop", "move", "import", "read")
    return Changes(
        {
            each["resource"]["addr"]: each["action"]
            for each in planned
            if each["action"] not in same
        },
        frozenset(each["resource"]["addr"] for each in planned if "importing" in each),
    )


def old_form(template: dict[str, Any]) -> str:
    """Return what Chalice wrote, without what keeps it from current Terraform.

    That is its version constraints, and the null provider, which has the app's name as data only.
    """
    data = {kind: named for kind, named in template["data"].items() if kind != "null_data_source"}
    providers = {"required_providers": {"aws": {"source": "hashicorp/aws"}}}
    return json.dumps({**template, "data": data, "terraform": providers})
