"""The permissions of GitHub Actions, and the code that they run."""

import re
from pathlib import Path

import pytest

from tests.infrastructure.stack.planning import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text()


def test_actions_are_pinned_to_commits(text: str) -> None:
    uses = re.findall(r"uses: (.+)", text)
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_jobs_have_only_the_permissions_they_name(text: str) -> None:
    assert re.search(r"^permissions: \{\}$", text, re.MULTILINE)
    jobs = len(re.findall(r"^    runs-on:", text, re.MULTILINE))
    assert jobs == len(re.findall(r"^    permissions:$", text, re.MULTILINE))
    assert "write-all" not in text


def test_no_long_lived_key_is_used(text: str) -> None:
    assert "secrets." not in text
    assert "aws-access-key-id" not in text


def test_checkouts_do_not_persist_credentials(text: str) -> None:
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_every_job_has_a_timeout(text: str) -> None:
    assert text.count("runs-on:") == text.count("timeout-minutes:")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_make_target_that_is_called_exists(workflow: Path) -> None:
    called = {
        target
        for line in re.findall(r"run: make (.+)", workflow.read_text())
        for target in line.split()
        if re.fullmatch(r"[a-z-]+", target)
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
