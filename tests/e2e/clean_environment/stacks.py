"""Three stacks of the shop, made by the installed command, as modules of one Terraform root."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.stack.emulator import REGION
from tests.support.distribution import run

MODULES = {
    "zip_http": ("zip", "http"),
    "image_http": ("image", "http"),
    "zip_rest": ("zip", "rest"),
}
"""Each module, with the values of ``--package`` and ``--api``."""

_ROOT = """
provider "aws" {}
variable "issuer" { type = string }
variable "image" { type = string }
"""
_MODULE = """
module "NAME" {
  source = "./NAME"
  ARGUMENTS
}
output "NAME" { value = module.NAME.shop }
"""
_ISSUER = 'variable "issuer" { type = string }\n'


@dataclass
class Times:
    """How long each step took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Measure the block."""
        started = time.perf_counter()
        yield
        self.seconds[step] = round(time.perf_counter() - started, 1)


@dataclass(frozen=True)
class Root:
    """The folder of the root module, and the environment of Terraform and the command."""

    folder: Path
    environment: Mapping[str, str]

    def write(self, command: Path, apps: Mapping[str, Path]) -> None:
        """Package the app of each kind of API with the installed command, and write the root."""
        text = _ROOT
        for name, (package, api) in MODULES.items():
            stage = {"zip_http": "zip", "image_http": "image", "zip_rest": "rest"}[name]
            output = self.folder / name
            options = ("--stage", stage, "--package", package, "--api", api, "--output", output)
            arguments = ("package", apps[api], *options)
            run(command, *arguments, folder=self.folder, AWS_DEFAULT_REGION=REGION)
            if api == "http":
                (output / "issuer.tf").write_text(_ISSUER)
            inputs = ["issuer = var.issuer"] if api == "http" else []
            inputs += ["shop_image = var.image"] if package == "image" else []
            text += _MODULE.replace("NAME", name).replace("ARGUMENTS", "\n  ".join(inputs))
        (self.folder / "main.tf").write_text(text)

    def init(self) -> None:
        """Install the provider. Raises ``AssertionError`` with Terraform's output."""
        plugins = os.environ.get("TF_PLUGIN_DIR")
        self.terraform("init", *([f"-plugin-dir={plugins}"] if plugins else []))

    def plan(self, issuer: str, image: str) -> dict[str, str]:
        """Plan, keep the plan for ``apply``, and return the action for each resource it changes."""
        variables = (f"-var=issuer={issuer}", f"-var=image={image}")
        output = self.terraform("plan", "-json", "-out=plan", *variables)
        messages = map(json.loads, output.splitlines())
        changes = [each["change"] for each in messages if each["type"] == "planned_change"]
        return {each["resource"]["addr"]: each["action"] for each in changes}

    def apply(self) -> dict[str, Any]:
        """Apply the plan, and return the outputs."""
        self.terraform("apply", "plan")
        outputs = json.loads(self.terraform("output", "-json"))
        return {name: output["value"] for name, output in outputs.items()}

    def terraform(self, command: str, *arguments: str) -> str:
        """Run Terraform, which must succeed, and return its output."""
        done = subprocess.run(
            ["terraform", command, *arguments],
            cwd=self.folder,
            env={**self.environment, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stderr + done.stdout)[-6000:]
        return done.stdout


def write_app(files: Mapping[str, str], folder: Path, package: Path) -> Path:
    """Write an app's files, with a package in its folder ``vendor``, and return the folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    shutil.copytree(package, folder / "vendor" / package.name)
    return folder
