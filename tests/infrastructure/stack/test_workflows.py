"""The permissions of GitHub Actions, and the code that they run."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.infrastructure.stack.planning import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# What jobs may do beside reading the repository, and why.
PERMITTED = {
    "deploy/review": {"id-token: write"},  # a role in AWS that reads
    "deploy/comment": {"pull-requests: write"},  # the plan
    "deploy/plan": {"id-token: write"},
    "deploy/apply": {"id-token: write"},
    "dependencies/update": {"contents: write", "pull-requests: write"},  # a branch of newer locks
}
# The client of the smoke test, which identity providers know by a secret.
SECRETS = {"deploy/apply": {"SMOKE_CLIENT_SECRET"}}


def jobs(workflow: Path) -> dict[str, dict[str, Any]]:
    """Return the jobs of a workflow by ``workflow/job``."""
    read = yaml.safe_load(workflow.read_text())["jobs"]
    return {f"{workflow.stem}/{name}": job for name, job in read.items()}


def triggers(workflow: str) -> set[str]:
    read = yaml.safe_load((ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text())
    return set(read[True])  # `on` is a boolean in YAML 1.1


JOBS = {name: job for workflow in WORKFLOWS for name, job in jobs(workflow).items()}


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text()


def test_actions_are_pinned_to_commits(text: str) -> None:
    uses = re.findall(r"uses: (.+)", text)
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_a_workflow_permits_nothing_that_a_job_does_not_name(text: str) -> None:
    assert yaml.safe_load(text)["permissions"] == {}


@pytest.mark.parametrize("name", JOBS)
def test_a_job_may_do_what_it_needs(name: str) -> None:
    permitted = {f"{scope}: {level}" for scope, level in JOBS[name]["permissions"].items()}
    assert permitted - {"contents: read"} == PERMITTED.get(name, set())


@pytest.mark.parametrize("name", JOBS)
def test_no_long_lived_key_is_used_but_the_smoke_test_s(name: str) -> None:
    used = set(re.findall(r"secrets\.(\w+)", str(JOBS[name])))
    assert used == SECRETS.get(name, set())
    assert "aws-access-key-id" not in str(JOBS[name])


@pytest.mark.parametrize("name", JOBS)
def test_the_code_of_a_pull_request_never_runs_where_a_token_may_write(name: str) -> None:
    writes = PERMITTED.get(name, set()) & {"contents: write", "pull-requests: write"}
    if writes and "pull_request" in triggers(name.partition("/")[0]):
        assert "actions/checkout" not in str(JOBS[name])


def test_a_fork_is_told_that_it_is_not_planned_and_gets_no_role() -> None:
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert same in JOBS["deploy/review"]["if"]
    assert same.replace("==", "!=") in JOBS["deploy/fork"]["if"]
    assert "::notice::" in JOBS["deploy/fork"]["steps"][0]["run"]


def test_checkouts_do_not_persist_credentials(text: str) -> None:
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


@pytest.mark.parametrize("name", JOBS)
def test_every_job_has_a_timeout(name: str) -> None:
    assert JOBS[name]["timeout-minutes"] <= (180 if name == "nightly/thoroughly" else 90)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_make_target_that_is_called_exists(workflow: Path) -> None:
    called = {
        target
        for line in re.findall(r"\bmake ((?:--silent )?[a-z-]+.*)", workflow.read_text())
        for target in re.split(r"[|>)]|[A-Z_]+=", line)[0].split()
        if re.fullmatch(r"[a-z][a-z-]+", target)
    }
    makefiles = [ROOT / "Makefile", *(ROOT / "make").glob("*.mk")]
    known = {
        target
        for file in makefiles
        for target in re.findall(r"^([a-z-]+):", file.read_text(), re.MULTILINE)
    }
    assert called
    assert called <= known


def test_a_pull_request_is_compared_with_its_base_branch() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert "pull_request:" in text
    assert "fetch-depth: 2" in text
    assert "run: make openapi-breaking BASE=HEAD^1" in text


def steps(job: str) -> list[str]:
    return [step.get("run", step.get("uses", "")) for step in JOBS[job]["steps"]]


def test_what_was_planned_is_applied_tried_watched_and_shifted_in_this_order() -> None:
    ran = [step for step in steps("deploy/apply") if step.startswith("make ")]
    assert [step.split()[1] for step in ran] == [
        "terraform-apply",
        "terraform-output",
        "smoke",
        "watch",
        "rollout",
        "rollback",
    ]
    assert 'PLAN="build/plans/$ENV/service.tfplan"' in ran[0]


def test_a_failure_after_the_apply_began_shifts_the_requests_back() -> None:
    *_, last = JOBS["deploy/apply"]["steps"]
    assert last["run"] == "make rollback YES=1"
    assert last["if"].startswith("(failure() || cancelled()) && env.SHARE != ''")
    assert "steps.apply.conclusion" in last["if"]


GH = """#!/usr/bin/env bash
echo "$@" >>{calls}
case "$*" in *--paginate*) echo '{found}' ;; esac
"""


@pytest.mark.parametrize(
    ("found", "call"),
    [
        ("", "api repos/o/r/issues/7/comments --field body=@comment.md --silent"),
        ("12", "api --method PATCH repos/o/r/issues/comments/12 --field body=@comment.md --silent"),
        ("12\n13", "api --method PATCH repos/o/r/issues/comments/12 --field"),
    ],
)
def test_a_pull_request_has_one_comment(tmp_path: Path, found: str, call: str) -> None:
    (tmp_path / "gh").write_text(GH.format(calls=tmp_path / "calls", found=found))
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "plan.txt").write_text("é" * 60_000)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": "summary.md",
        "GH_REPO": "o/r",
        "PULL_REQUEST": "7",
        "COMMIT": "0123456789abcdef",
        "ENV": "staging",
    }
    script = steps("deploy/comment")[-1]
    subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=True)
    _, written = (tmp_path / "calls").read_text().splitlines()
    assert written.startswith(call)
    comment = (tmp_path / "comment.md").read_text()
    assert comment.startswith("<!-- plan of staging -->\n### Plan for staging at 0123456789ab,")
    assert len(comment) < 65_536
    assert (tmp_path / "summary.md").read_text() == comment
