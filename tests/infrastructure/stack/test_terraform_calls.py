"""What make asks of Terraform: recorded by a program that stands in for it, as tofu would."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.infrastructure.stack.planning import ROOT, RUN
from tests.unit.make.states import FUNCTIONS, LIVE, state

pytestmark = pytest.mark.xdist_group("terraform")

STAND_IN = """#!/usr/bin/env bash
echo "$@" >>{calls}
case "$*" in
    *'show -json') cat {state} ;;
    *-detailed-exitcode*) exit 2 ;;
esac
"""
FORBIDDEN = """#!/usr/bin/env bash
echo 'not through $(TERRAFORM)' >&2
exit 1
"""
TARGETS = (
    "terraform-init",
    "terraform-lock",
    "terraform-plan",
    "terraform-review",
    "terraform-show",
    "terraform-apply",
    "terraform-destroy",
    "terraform-output",
    "terraform-registry",
    "terraform-registry-destroy",
    "terraform-plan-registry",
    "terraform-plan-bootstrap",
    "terraform-test-offline",
    "terraform-validate-offline",
    "rollout",
)


@dataclass(frozen=True)
class StandIn:
    """A program that records its arguments, in a folder with an empty root of Terraform."""

    folder: Path

    @property
    def stack(self) -> Path:
        return self.folder / "stack"

    @property
    def calls(self) -> list[str]:
        """Return the arguments of all calls, without the root's folder."""
        recorded = (self.folder / "calls").read_text().splitlines()
        return [call.replace(f"-chdir={self.stack}", "").strip() for call in recorded]

    def make(self, *arguments: str, plugins: str = "") -> str:
        """Run make, without credentials and with nothing packaged; return its standard error."""
        settings = [
            f"BUILD={self.folder}",
            f"RUN={RUN}",
            f"STACK={self.stack}",
            f"TF_PLUGIN_DIR={plugins}",
            "PREFLIGHT=cat /dev/null #",
            "TERRAFORM=stand-in",
            "YES=1",
        ]
        own = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG"}}
        done = subprocess.run(
            ["make", "--old-file=terraform-package", *settings, *arguments],
            cwd=ROOT,
            env={**own, "PATH": f"{self.folder}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stderr

    def settings(self) -> dict[str, object]:
        """Return the settings that came from what is deployed."""
        [written] = self.folder.glob("plans/*/deployed.tfvars.json")
        read: dict[str, object] = json.loads(written.read_text())
        return read


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    (tmp_path / "stack").mkdir()
    (tmp_path / "state").write_text(json.dumps(state({**FUNCTIONS, **LIVE})))
    program = STAND_IN.format(calls=tmp_path / "calls", state=tmp_path / "state")
    for name, text in {"stand-in": program, "terraform": FORBIDDEN}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return StandIn(tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_every_call_goes_through_the_variable(stand_in: StandIn, target: str) -> None:
    stand_in.make(target, "SHARE=1", "OUTPUT=api_url")
    assert stand_in.calls


def test_all_targets_that_call_terraform_are_tried() -> None:
    text = "".join((ROOT / "make" / name).read_text() for name in ("terraform.mk", "rollout.mk"))
    assert "terraform -chdir" not in text
    assert text.count("$(TERRAFORM) -chdir") == 2


def test_a_review_only_reads_and_has_the_images_that_are_deployed(stand_in: StandIn) -> None:
    stand_in.make("terraform-review")
    *_, shown, plan = stand_in.calls
    assert shown == "show -json"
    assert plan.startswith("plan -input=false -lock=false -var-file=environments/production.tfvars")
    assert "/deployed.tfvars.json" in plan
    assert sorted(stand_in.settings()) == ["command_image", "query_image"]


def test_a_plan_gives_new_versions_a_share_of_the_requests(stand_in: StandIn) -> None:
    stand_in.make("terraform-plan", "SHARE=0.1")
    [plan] = [call for call in stand_in.calls if call.startswith("plan")]
    assert "/deployed.tfvars.json" in plan
    assert stand_in.settings() == {
        "rollout": {"stable_versions": {"command": "7", "query": "9"}, "new_share": 0.1}
    }


def test_a_plan_without_a_share_asks_nothing_of_the_state(stand_in: StandIn) -> None:
    stand_in.make("terraform-plan")
    assert "show -json" not in stand_in.calls
    assert not any("deployed.tfvars.json" in call for call in stand_in.calls)


@pytest.mark.parametrize("share", ["0", "0.5", "1"])
def test_a_rollout_changes_the_aliases_alone(stand_in: StandIn, share: str) -> None:
    stand_in.make("rollout", f"SHARE={share}")
    plan, show, apply = stand_in.calls[-3:]
    assert "-target=aws_lambda_alias.live" in plan
    out = plan.rpartition("-out=")[2]
    assert show == f"show -json {out}"
    assert apply == f"apply -input=false {out}"
    assert sorted(stand_in.settings()) == ["command_image", "query_image", "rollout"]


def test_a_rollout_needs_a_share(stand_in: StandIn) -> None:
    with pytest.raises(AssertionError, match="Name the share of the newest versions"):
        stand_in.make("rollout")


@pytest.mark.parametrize(
    ("plugins", "said"),
    [
        ("", ".terraform.lock.hcl is new: commit it"),
        ("/providers", ".terraform.lock.hcl is new: it is for this machine alone; do not commit"),
    ],
)
def test_the_first_init_says_what_becomes_of_its_lock(
    stand_in: StandIn, plugins: str, said: str
) -> None:
    assert f"{stand_in.stack}/{said}" in stand_in.make("terraform-init", plugins=plugins)
    (stand_in.stack / ".terraform.lock.hcl").write_text("")
    assert "lock.hcl" not in stand_in.make("terraform-init", plugins=plugins)


def test_a_lock_has_the_platforms_of_people_and_of_builds(stand_in: StandIn) -> None:
    stand_in.make("terraform-lock")
    assert [call.split()[0] for call in stand_in.calls] == [
        "-chdir=terraform/bootstrap",
        "-chdir=terraform/registry",
        "-chdir=terraform",
    ]
    for call in stand_in.calls:
        assert "providers lock -platform=linux_amd64 -platform=linux_arm64" in call
