"""What the documents say about each other, about the tests and about the code is true."""

import re
from pathlib import Path

import pytest

from apps.query.app import app

ROOT = Path(__file__).resolve().parents[2]
BREAKS = ROOT / "docs" / "explanation" / "where-it-could-break.md"
DOCUMENTS = sorted(
    {
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "packages").glob("*/*.md"),
        *(ROOT / "packages").glob("*/docs/*.md"),
        *(ROOT / "terraform").rglob("README.md"),
    }
)
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", BREAKS.read_text())
LINKS = [
    (document, target)
    for document in DOCUMENTS
    for target in re.findall(r"\]\(([^):\s]+)\)", document.read_text())
]


def slugs(document: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_named_tests_exist(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()


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


def test_the_projector_begins_at_the_oldest_record() -> None:
    [mapping] = [source for source in app.event_sources if source.name == "project"]
    assert vars(mapping)["starting_position"] == "TRIM_HORIZON"
