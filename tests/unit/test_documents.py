"""What the documents say about the tests and the code is true."""

import re
from pathlib import Path

import pytest

from apps.query.app import app

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.findall(
    r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/where-it-could-break.md").read_text()
)
LINKS = [
    (document, target)
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_named_tests_exist(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()


@pytest.mark.parametrize(("document", "target"), LINKS, ids=lambda value: str(value).split("/")[-1])
def test_links_between_documents_resolve(document: Path, target: str) -> None:
    assert (document.parent / target).exists()


def test_the_projector_begins_at_the_oldest_record() -> None:
    [mapping] = [source for source in app.event_sources if source.name == "project"]
    assert vars(mapping)["starting_position"] == "TRIM_HORIZON"
