"""What ``make help`` lists, and what Terraform's targets report when something is missing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.prerequisites import require_terraform
from tests.infrastructure.stack.planning import ROOT, MakeError, Stack

pytestmark = pytest.mark.xdist_group("terraform")

PREFLIGHT = ROOT / "make" / "preflight.py"
DIGEST = "1.dkr.ecr.eu-central-1.amazonaws.com/project/x@sha256:" + "0" * 64


def preflight(*checks: str, given: str = "") -> list[str]:
    done = subprocess.run(
        [sys.executable, str(PREFLIGHT), *checks],
        input=given,
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name.startswith("COV")},
            "PATH": os.environ["PATH"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": "/none",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == len(lines)
    return lines


def make(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def groups(shown: str) -> dict[str, list[str]]:
    """Return the targets of each group that help lists, in its order."""
    return {
        title: [line.split()[0] for line in targets]
        for title, *targets in (group.splitlines() for group in shown.split("\n\n"))
    }


def test_make_alone_is_help() -> None:
    assert make() == make("help")


def test_help_is_grouped_by_purpose() -> None:
    listed = groups(make("help"))
    first = ["Run on this machine", "Test", "Maintain", "Images", "AWS", "Roll out", "Operate"]
    assert list(listed)[: len(first)] == first
    assert {"run", "explorer", "token"} <= set(listed["Run on this machine"])
    assert {"test", "lint", "format"} <= set(listed["Test"])
    assert {"docker-build", "docker-delivery"} <= set(listed["Images"])
    assert {"terraform-plan", "terraform-apply", "deploy"} <= set(listed["AWS"])
    assert {"rebuild", "redrive"} <= set(listed["Operate"])


def test_help_lists_every_target_that_is_described_once() -> None:
    makefiles = [ROOT / "Makefile", *(ROOT / "make").glob("*.mk")]
    described = [
        target
        for file in makefiles
        for target in re.findall(r"^([a-z-]+):.*  ## ", file.read_text(), re.MULTILINE)
    ]
    listed = [target for group in groups(make("help")).values() for target in group]
    assert sorted(listed) == sorted(described)
    assert len(set(listed)) == len(listed)


def test_packaging_again_changes_nothing(stack: Stack, validated: str) -> None:
    assert "unchanged: terraform/chalice.tf.json" in stack.make("terraform-package")


def test_all_roots_are_valid(validated: str) -> None:
    assert validated.count("The configuration is valid.") == 3


@pytest.mark.parametrize("target", ["terraform-plan", "terraform-apply", "terraform-registry"])
def test_missing_credentials_are_reported_in_one_line(stack: Stack, target: str) -> None:
    require_terraform()
    with pytest.raises(MakeError) as failed:
        stack.make(target, offline=False, environment={"HOME": "/none"})
    ours = [line for line in str(failed.value).splitlines() if not line.startswith("make")]
    assert len(ours) == 1
    assert ours[0].startswith("No AWS credentials that work (Unable to locate credentials).")
    assert "aws-vault exec" in ours[0]


def test_a_missing_terraform_is_reported_in_one_line(stack: Stack, tmp_path: Path) -> None:
    for program in ("env", "bash", "make"):
        [found] = [Path(d) / program for d in ("/usr/bin",) if (Path(d) / program).exists()]
        (tmp_path / program).symlink_to(found)
    with pytest.raises(MakeError, match=r"terraform is not installed, or not on PATH: https://"):
        stack.make("terraform-plan", environment={"PATH": str(tmp_path)})


def test_a_stage_that_no_app_has_is_refused() -> None:
    lines = preflight("stage=nope")
    assert lines[0] == (
        "apps/command/.chalice/config.json has no stage nope to deploy: "
        "set ENV to one of staging, production."
    )
    assert len(lines) == 3  # both apps, and the settings


def test_the_laptop_s_stage_cannot_be_deployed() -> None:
    assert "has no stage dev to deploy" in preflight("stage=dev")[0]


def test_the_stages_of_the_apps_are_found() -> None:
    assert preflight("stage=production", "stage=staging") == []


@pytest.mark.parametrize(
    "images",
    [
        None,
        {},
        {"command_image": DIGEST, "query_image": "books:latest"},
        {"command_image": None, "query_image": DIGEST},
    ],
)
def test_an_image_without_a_digest_is_refused(
    tmp_path: Path, images: dict[str, str | None] | None
) -> None:
    file = tmp_path / "images.json"
    if images is not None:
        file.write_text(json.dumps(images))
    [line] = preflight(f"images={file}")
    assert "make docker-delivery" in line


def test_images_by_digest_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "images.json"
    file.write_text(json.dumps({"command_image": DIGEST, "query_image": DIGEST}))
    assert preflight(f"images={file}") == []


def test_a_malformed_file_of_images_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "images.json"
    file.write_text("{")
    assert "is not JSON" in preflight(f"images={file}")[0]


def state(*, protected: bool) -> str:
    table = {
        "type": "aws_dynamodb_table",
        "values": {"name": "events", "deletion_protection_enabled": protected},
    }
    role = {"type": "aws_iam_role", "values": {"name": "role"}}
    return json.dumps({"values": {"root_module": {"resources": [role, table]}}})


def test_a_destroy_stops_before_it_begins_while_a_table_is_protected() -> None:
    [line] = preflight("unprotected", given=state(protected=True))
    assert line.startswith("events are protected")


@pytest.mark.parametrize("given", [state(protected=False), '{"format_version": "1.0"}'])
def test_unprotected_tables_can_be_destroyed(given: str) -> None:
    assert preflight("unprotected", given=given) == []


def plan(**actions: list[str]) -> str:
    """Return a plan of an alias that changes, of data that is read, and of other resources."""
    changes = {'aws_lambda_alias.live["query"]': ["update"], "data.aws_partition.it": ["read"]}
    changes |= {f"aws_lambda_function.{name}": done for name, done in actions.items()}
    return json.dumps(
        {
            "resource_changes": [
                {"address": address, "change": {"actions": done}}
                for address, done in changes.items()
            ]
        }
    )


def test_a_rollout_stops_before_it_changes_anything_but_an_alias() -> None:
    given = plan(command=["no-op"], query=["update"], older=["delete", "create"])
    [line] = preflight("only=aws_lambda_alias.live", given=given)
    assert "change aws_lambda_function.query, aws_lambda_function.older:" in line


def test_a_rollback_may_publish_functions_that_get_no_request() -> None:
    wanted = "only=aws_lambda_alias.live+aws_lambda_function"
    assert preflight(wanted, given=plan(query=["update"])) == []
    assert len(preflight(wanted, given=plan().replace("aws_lambda_alias", "aws_iam_role"))) == 1


@pytest.mark.parametrize("given", [plan(), plan(query=["no-op"]), '{"format_version": "1.2"}'])
def test_a_rollout_may_change_aliases(given: str) -> None:
    assert preflight("only=aws_lambda_alias.live", given=given) == []
