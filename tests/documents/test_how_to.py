"""The how-to guides: their changes apply, one after the other, and what they add works."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from make.new_domain.building import ROOT, tracked_files

GUIDES = ("add-a-field", "add-a-filter", "add-a-command")  # in this order
ALWAYS = (
    "tests/unit/domain/test_stored_events.py",
    "tests/unit/openapi",
    "tests/apps/test_callers.py",
    "tests/apps/test_failures.py",
    "tests/apps/test_parameters.py",
)


def changes(guide: str) -> list[str]:
    """Return the changes that a guide shows."""
    text = (ROOT / "docs" / "how-to" / f"{guide}.md").read_text()
    return re.findall(r"^```diff\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this repository."""
    folder = tmp_path_factory.mktemp("how-to") / "project"
    for path in tracked_files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    # mypy takes of it what has not changed since.
    known = ROOT / ".mypy_cache"
    if known.is_dir():
        shutil.copytree(known, folder / known.name)
    return folder


def run(project: Path, *command: str) -> None:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST_"))}
    done = subprocess.run(
        command,
        cwd=project,
        env={**ours, "PYTHONPATH": str(project)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def added_tests(shown: Sequence[str]) -> list[str]:
    return re.findall(r"^\+\+\+ b/(tests/\S*test_\w+\.py)$", "\n".join(shown), re.MULTILINE)


@pytest.mark.xdist_group("how-to")
@pytest.mark.parametrize("guide", GUIDES)
def test_what_a_guide_adds_works(guide: str, project: Path, tmp_path: Path) -> None:
    shown = changes(guide)
    patch = tmp_path / "guide.patch"
    patch.write_text("".join(shown))
    run(project, "git", "apply", str(patch))
    run(project, sys.executable, "-m", "apps.openapi")
    tests = [*ALWAYS, *(test for test in added_tests(shown) if test not in ALWAYS)]
    options = ("-q", "-p", "no:cacheprovider", "--hypothesis-profile=few")
    run(project, sys.executable, "-m", "pytest", *options, *tests)


@pytest.mark.xdist_group("how-to")
def test_what_all_guides_have_added_has_no_findings(project: Path) -> None:
    tools = ROOT / ".venv" / "tools" / "bin"
    for tool, *arguments in (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)):
        run(project, str(tools / tool), *arguments)


def test_every_guide_with_changes_is_run() -> None:
    guides = (path.stem for path in (ROOT / "docs" / "how-to").glob("*.md"))
    assert {guide for guide in guides if changes(guide)} == set(GUIDES)
