"""Everything that the manifest names is there, so that the template does not rot."""

import re
from fnmatch import fnmatchcase

import pytest

from make.new_domain.building import ROOT, seed_files, tracked_files
from make.new_domain.documents import sections
from make.new_domain.manifest import (
    DROPPED,
    DROPPED_NAMES,
    DROPPED_PACKAGES,
    DROPPED_SECTIONS,
    EDITS,
    TEST_PACKAGES,
    Edit,
    is_dropped,
)
from make.new_domain.names import Names
from make.new_domain.project import new_project

TRACKED = tracked_files()
SEED = seed_files()


@pytest.mark.parametrize("pattern", DROPPED)
def test_every_pattern_matches(pattern: str) -> None:
    assert [path for path in TRACKED if fnmatchcase(path, pattern)]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.path}: {edit.pattern}")
def test_every_edit_matches(edit: Edit) -> None:
    text = (ROOT / edit.path).read_text("utf-8")
    assert len(re.findall(edit.pattern, text, re.MULTILINE)) == edit.matches


@pytest.mark.parametrize("path", DROPPED_NAMES)
def test_modules_that_lose_names_are_kept(path: str) -> None:
    assert path in TRACKED
    assert not is_dropped(path)


@pytest.mark.parametrize("path", DROPPED_SECTIONS)
def test_every_section_is_there(path: str) -> None:
    headings = sections((ROOT / path).read_text("utf-8")).keys()
    assert set(DROPPED_SECTIONS[path]) <= headings
    assert sections(SEED[path]).keys() <= headings


@pytest.mark.parametrize("package", sorted(DROPPED_PACKAGES | TEST_PACKAGES))
def test_every_package_is_asked_for(package: str) -> None:
    lists = (ROOT / "requirements").glob("*.in")
    assert any(package in path.read_text().splitlines() for path in lists)


def test_what_the_seed_replaces_is_dropped_or_merged() -> None:
    replaced = {path for path in SEED if path in TRACKED}
    assert {path for path in replaced if not is_dropped(path)} == set(DROPPED_SECTIONS)


def test_a_project_has_no_file_of_two() -> None:
    kept = {path for path in TRACKED if not is_dropped(path)}
    repository = {path: (ROOT / path).read_bytes().decode() for path in kept}
    made = new_project(repository, SEED, Names("lending", "loan", "loans"))
    assert len(made) == len(kept | SEED.keys())
