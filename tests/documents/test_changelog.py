"""The changelog has the form of Keep a Changelog, and its newest version is the project's."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
HEADING = re.compile(r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d{2}-\d{2}|Unreleased)")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
HEADINGS = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
VERSIONS = [found.groups() for heading in HEADINGS if (found := HEADING.fullmatch(heading))]


def test_the_newest_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ".".join(VERSIONS[0][:3]) == project["version"]


def test_versions_are_listed_from_the_newest_to_the_oldest_below_what_is_unreleased() -> None:
    assert len(VERSIONS) == len(HEADINGS) - HEADINGS.count("[Unreleased]")
    assert HEADINGS.index("[Unreleased]") == 0
    numbers = [tuple(map(int, version[:3])) for version in VERSIONS]
    assert numbers == sorted(set(numbers), reverse=True)
    dates = [version[3] for version in VERSIONS]
    assert dates == sorted(dates, reverse=True)


def test_changes_are_of_the_kinds_that_keep_a_changelog_names() -> None:
    kinds = re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)
    assert {kind for kind in kinds if not kind.startswith("Upgrading from ")} <= KINDS
