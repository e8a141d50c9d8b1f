"""A clone of the work tree, deployed by make, and what Terraform reports of it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.e2e.stack.emulator import REGION, Emulator

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ENVIRONMENT = "staging"  # its tables may be deleted
ACCOUNT = "000000000000"
REPOSITORY = "acme/books"
PAGES = "https://pages.example"
"""The one origin whose pages may use the API."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A clone at ``root``, and the environment in which make runs there."""

    root: Path
    environment: Mapping[str, str]

    def make(self, *arguments: str) -> str:
        """Run make, which must succeed, and return its output."""
        fixed = (f"ENV={ENVIRONMENT}", f"AWS_REGION={REGION}", "YES=1")
        done = subprocess.run(
            ["make", *fixed, *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        output = COLOUR.sub("", done.stdout + done.stderr)
        assert done.returncode == 0, f"make {' '.join(arguments)}:\n{output[-12000:]}"
        return output

    def by(self, credentials: Mapping[str, str]) -> "Deployment":
        """Return the deployment as one who has these credentials."""
        return replace(self, environment={**self.environment, **credentials})

    def at(self, root: Path) -> "Deployment":
        """Return the deployment from another clone."""
        _lend_environment(root / ".venv" / "run")
        return replace(self, root=root)

    def output(self, name: str) -> Any:
        """Return an output of the service's stack."""
        done = self.terraform("output", "-json", name)
        return json.loads(done)

    def left_in_state(self) -> list[str]:
        """Return the types of the resources that are left in the service's state."""
        state = json.loads(self.terraform("state", "pull") or "{}")
        resources = state.get("resources", [])
        return [each["type"] for each in resources if each["mode"] == "managed"]

    def images(self) -> dict[str, str]:
        """Return the image of each app that the last delivery wrote for Terraform."""
        written = json.loads((self.root / "terraform" / "images.auto.tfvars.json").read_text())
        return {name.removesuffix("_image"): image for name, image in written.items()}

    def changes(self, root: str) -> dict[str, Any]:
        """Return the changes of the last plan of ``root`` (service, registry), by address."""
        plan = json.loads(
            (self.root / "build" / "plans" / ENVIRONMENT / f"{root}.json").read_text()
        )
        resources = {each["address"]: each["change"] for each in plan["resource_changes"]}
        outputs = plan.get("output_changes", {})
        found = {**resources, **{f"output.{name}": change for name, change in outputs.items()}}
        return {
            address: {"before": change["before"], "after": change["after"]}
            for address, change in found.items()
            if change["actions"] != ["no-op"]
        }

    def terraform(self, *arguments: str) -> str:
        """Run terraform on the service's stack, which must succeed, and return its output."""
        done = subprocess.run(
            ["terraform", "-chdir=terraform", *arguments],
            cwd=self.root,
            env={**self.environment, "TF_WORKSPACE": ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def prepare(
    root: Path, engine: Mapping[str, str], emulator: Emulator, issuer: str, base_image: str
) -> Deployment:
    """Prepare a clone for deployment to the emulator, without changing its files."""
    mine = ("MAKE", "MFLAGS", "AWS_", "TF_VAR_", "TF_CLI_", "COV_", "COVERAGE_")
    environment = {
        **{name: value for name, value in engine.items() if not name.startswith(mine)},
        **emulator.credentials,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "PYTHONPATH": str(root),
        "TF_VAR_jwt_issuer": issuer,
        "TF_VAR_force_delete": "true",  # the registry's repositories, with what was delivered
        "TF_VAR_alarm_emails": '["on-call@example.com"]',
        "TF_VAR_cors_origins": f'["{PAGES}"]',
        # Without a wait: the emulator invokes one function after the other.
        "TF_VAR_integration_events": '{"wait_seconds":0,"archive_days":1}',
        # ECR's own host name leads to AWS, so the emulator's registry is named by its address.
        "REGISTRY": emulator.address,
        "BASE_IMAGE": base_image,
        "DOCKER_BUILD_ARGS": "--network host",
    }
    _lend_environment(root / ".venv")
    return Deployment(root, environment)


def _lend_environment(folder: Path) -> None:
    """Put the tests' environment where make would make its own."""
    run = folder / "run"
    run.mkdir(parents=True)
    for part in ("bin", "lib"):
        (run / part).symlink_to(Path(sys.prefix) / part)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", run)
    (folder / "uv").mkdir()
    for made in ("uv", "run"):
        (folder / made / "ready").touch()
