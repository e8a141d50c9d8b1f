"""The project's name is in few places, which agree. A project made from this one renames them."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from core.config import PROJECT_NAME

ROOT = Path(__file__).resolve().parents[2]
APPS = ("command", "query")

# Terraform's roots have no file in common, and a file of settings cannot compute.
STATED = {
    "pyproject.toml": r'^name = "(.+)"$',  # make and .ci read it here
    "core/config.py": r'^PROJECT_NAME: Final = "(.+)"$',
    "terraform/provider.tf": r'^  project += "(.+)"$',
    "terraform/bootstrap/main.tf": r'^  project += "(.+)"$',
    "terraform/registry/main.tf": r'^  project += "(.+)"$',
    "terraform/environments/staging.tfvars": r'^events_table_name += "(.+)-staging-events"$',
}
PROSE = (
    "CHANGELOG.md",
    "NOTICE",
    "README.md",
    "docs/",
    "make/new_domain/",
)  # the last one renames it

# The functions are called by the apps' names, which Chalice reads from a file of settings.
APP_NAME = {
    "apps/{app}/.chalice/config.json": r'^  "app_name": "(.+)",$',
    "apps/{app}/app.py": r'^app = ServiceApp\(app_name="(.+)"\)$',
}
GOLDEN = (
    "tests/infrastructure/merge/golden/chalice.tf.json"  # what the merge wrote once, word by word
)


def tracked_files_with(pattern: str) -> set[str]:
    """Return the tracked files that have text like ``pattern``, in any case."""
    command = ["git", "-C", str(ROOT), "grep", "-IliE", pattern]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return set(done.stdout.split())


def stated(file: str, pattern: str) -> str:
    """Return the first match in a file."""
    found = re.search(pattern, (ROOT / file).read_text(), re.MULTILINE)
    assert found, f"{file} states no name"
    return found[1]


@pytest.mark.parametrize("file", STATED)
def test_all_places_state_one_name(file: str) -> None:
    assert stated(file, STATED[file]) == PROJECT_NAME


def test_make_reads_the_name_of_the_project_and_no_other() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"] == PROJECT_NAME
    shown = subprocess.run(
        ["make", "-pn", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert f"\nPROJECT := {PROJECT_NAME}\n" in shown


def test_no_other_file_has_the_name_but_prose() -> None:
    files = tracked_files_with(PROJECT_NAME.replace("-", "[-_ ]"))
    others = {file for file in files if not file.startswith(PROSE)}
    assert others == set(STATED)


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_one_name(app: str) -> None:
    names = {stated(file.format(app=app), pattern) for file, pattern in APP_NAME.items()}
    assert len(names) == 1
    assert names.pop().endswith(f"-{app}")


def test_no_other_file_has_the_apps_names() -> None:
    names = [
        json.loads((ROOT / "apps" / app / ".chalice" / "config.json").read_text())["app_name"]
        for app in APPS
    ]
    expected = {file.format(app=app) for file in APP_NAME for app in APPS}
    assert tracked_files_with("|".join(names)) == expected | {GOLDEN}


def test_the_bootstrap_s_roles_write_functions_of_the_apps_names() -> None:
    prefix = stated("terraform/bootstrap/names.tf", r'"([a-z-]+)\$\{app\}"')
    for app in APPS:
        config = json.loads((ROOT / "apps" / app / ".chalice" / "config.json").read_text())
        assert config["app_name"] == f"{prefix}{app}"


def test_the_registry_serves_functions_of_the_apps_names() -> None:
    prefix = stated("terraform/registry/main.tf", r":function:([a-z-]+)\*")
    for app in APPS:
        config = json.loads((ROOT / "apps" / app / ".chalice" / "config.json").read_text())
        assert config["app_name"].startswith(prefix)
