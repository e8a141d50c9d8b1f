"""A new project is complete: it is linted, tested and run as it comes."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from make.new_domain.building import generate
from make.new_domain.names import MAX_WORD_CHARACTERS
from tests.infrastructure.new_domain.conftest import ROOT, Project, run

pytestmark = pytest.mark.xdist_group("new_domain")

WORDS = re.compile(r"(?<!run)book(?!worm\b)|isbn|austen|\ban? (?=loans\b)|\ban loan", re.IGNORECASE)


def test_nothing_in_it_is_about_books(pristine: Project) -> None:
    texts = {path: (pristine.folder / path).read_text("utf-8") for path in pristine.files()}
    found = {str(path) for path, text in texts.items() if WORDS.search(f"{path}\n{text}")}
    assert len(texts) > 200
    assert found == {"NOTICE"}


def test_the_licence_and_its_notice_are_those_of_this_project(pristine: Project) -> None:
    assert (pristine.folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    changes, _, notice = (pristine.folder / "NOTICE").read_text().partition(":\n\n")
    assert "has changed most of its files" in changes
    ours = (ROOT / "NOTICE").read_text().splitlines()
    assert notice.splitlines() == [line for line in ours if "docs/images/" not in line]


def test_its_images_have_the_same_base(pristine: Project) -> None:
    base = re.compile(r"^ARG BASE_IMAGE=.+$", re.MULTILINE)
    theirs, ours = ((root / "apps" / "Dockerfile").read_text() for root in (pristine.folder, ROOT))
    assert base.findall(theirs) == base.findall(ours) != []


def test_words_that_are_long_or_begin_with_a_vowel_fit_in(tmp_path: Path) -> None:
    words = {"AGGREGATE": "u" * MAX_WORD_CHARACTERS, "PLURAL": "v" * MAX_WORD_CHARACTERS}
    folder = generate({"NAME": "orders", "DIR": str(tmp_path / "new"), **words})
    for check in (("check", "--quiet"), ("format", "--quiet", "--check")):
        done = run(sys.executable, "-m", "ruff", *check, "--no-cache", cwd=folder)
        assert done.code == 0, done.output
    texts = [file.read_text("utf-8") for file in folder.rglob("*.py")]
    assert not [text for text in texts if re.search(r"\ba[ _]uuu", text)]


def test_git_is_ready_and_ignores_nothing_that_was_made(pristine: Project) -> None:
    added = pristine.run("git", "add", "--all", "--dry-run")
    assert added.output.count("\n") == len(pristine.files())
    assert pristine.run("git", "branch", "--show-current").output == "main\n"


def test_no_script_has_lost_its_permission(pristine: Project) -> None:
    scripts = [path for path in pristine.files() if path.parts[0] == ".ci"]
    assert scripts
    assert all((pristine.folder / script).stat().st_mode & 0o100 for script in scripts)


def test_its_tools_and_tests_see_its_own_code(project: Project) -> None:
    shown = project.run(
        sys.executable, "-c", "import apps, core; print(apps.__file__, core.__file__)"
    )
    assert shown.output.split() == [
        str(project.folder / package / "__init__.py") for package in ("apps", "core")
    ]


def test_its_lint_has_no_findings(project: Project) -> None:
    # Of the same libraries and engine. mypy takes of it what has not changed since.
    known = ROOT / ".mypy_cache"
    if known.is_dir():
        shutil.copytree(known, project.folder / known.name)
    done = project.run("make", "lint")
    assert done.code == 0, done.output


OF_NO_DOMAIN = (
    "tests/apps/test_malformed_responses.py",
    "tests/apps/test_processes.py",
    "tests/contract/test_batches.py",
    "tests/contract/test_hostile_feed.py",
    "tests/contract/test_long_outage.py",
    "tests/contract/test_sqlite_*.py",
    "tests/unit/application",
    "tests/unit/images",
    "tests/unit/local",
    "tests/unit/ports",
)
"""Tests that are the same in every project, of code that is: they are run in this one."""


def test_its_tests_of_the_domain_the_engine_and_the_apps_pass(project: Project) -> None:
    left_out = [f"--ignore-glob={tests}" for tests in OF_NO_DOMAIN]
    done = project.pytest("tests/unit", "tests/contract", "tests/apps", *left_out)
    assert done.code == 0, done.output
    assert "test_loans" in str(project.files())


def test_its_tests_of_views_and_of_programs_pass(project: Project) -> None:
    # Of DynamoDB, those whose requests are as many as a view has places, by the own client.
    done = project.pytest(
        "tests/contract/test_dynamodb_lost_responses.py",
        "tests/contract/test_dynamodb_read_model.py",
        "tests/e2e/test_aside.py",
        "tests/infrastructure/stack/test_make.py",
        which="(dynamodb and own) or aside or help",
    )
    assert done.code == 0, done.output


def test_it_runs_and_the_examples_of_its_documents_work(project: Project) -> None:
    written_and_read = (
        "tests/e2e/test_make_run.py::test_the_three_printed_lines_write_a_loan_and_read_it_back"
    )
    done = project.pytest(written_and_read, "tests/documents")
    assert done.code == 0, done.output
    assert "skipped" not in done.output


def test_its_openapi_document_is_linted_and_makes_a_client(project: Project) -> None:
    done = project.pytest("tests/infrastructure/openapi", "tests/e2e/test_generated_client.py")
    assert done.code == 0, done.output
