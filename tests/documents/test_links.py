"""What the documents say about each other, about the tests and about the code is true."""

import re
from functools import cache
from pathlib import Path

import pytest

from apps.query.app import app

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = "\n".join(
    (ROOT / "docs" / "explanation" / name).read_text()
    for name in ("security.md", "where-it-could-break.md")
)
DOCUMENTS = sorted(
    {
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "packages").glob("*/*.md"),
        *(ROOT / "packages").glob("*/docs/*.md"),
        *(ROOT / "terraform").rglob("README.md"),
    }
)
NAMED = re.findall(r"`((?:packages/[\w-]+/)?tests/[\w/]+\.py)::(\w+)`", EXPLAINED)
SCENARIOS = re.findall(r"`(features/[\w/-]+\.feature)::([^`]+)`", EXPLAINED)
LINKS = [
    (document, target)
    for document in DOCUMENTS
    for target in re.findall(r"\]\(([^):\s]+)\)", document.read_text())
]


def slugs(document: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def read(file: str) -> str:
    return (ROOT / file).read_text()


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_named_tests_exist(file: str, name: str) -> None:
    assert f"def {name}(" in read(file)


@pytest.mark.parametrize(("file", "title"), SCENARIOS)
def test_named_scenarios_exist(file: str, title: str) -> None:
    assert re.search(rf"^  Scenario(?: Outline)?: {re.escape(title)}$", read(file), re.MULTILINE)


def test_no_test_is_named_in_another_form() -> None:
    assert len(NAMED) + len(SCENARIOS) == EXPLAINED.count("::")


@pytest.mark.parametrize(
    ("document", "target"), LINKS, ids=lambda value: str(value).removeprefix(f"{ROOT}/")
)
def test_links_resolve(document: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    linked = document.parent / path if path else document
    assert linked.exists()
    assert not anchor or anchor in slugs(linked.read_text())


def test_every_document_is_linked_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for found, target in LINKS if found == index}
    pages = set((ROOT / "docs").rglob("*.md")) - set((ROOT / "docs" / "decisions").iterdir())
    assert {page for page in pages - linked if page != index} == set()


def test_every_decision_is_in_their_index() -> None:
    index = ROOT / "docs" / "decisions" / "README.md"
    linked = {(index.parent / target).name for found, target in LINKS if found == index}
    records = {page.name for page in index.parent.glob("*.md") if page != index}
    assert records - linked == set()


def test_the_projector_begins_at_the_oldest_record() -> None:
    [mapping] = [source for source in app.event_sources if source.name == "project"]
    assert vars(mapping)["starting_position"] == "TRIM_HORIZON"
