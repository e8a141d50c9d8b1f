"""The engine uses no word of the domain: another domain changes none of its files."""

import re
from pathlib import Path

import pytest

import core

ROOT = Path(core.__path__[0])
ENGINE = ("ports", "application", "adapters")
WORDS = re.compile(r"book|isbn|\bauthors?\b|\bpublished\b|borrower|\bloans?\b", re.IGNORECASE)
EXEMPT = {
    # Renames tables and columns of files of version 1, which has their former names.
    "adapters/sqlite/migrations.py",
}
FILES = sorted(path for part in ENGINE for path in (ROOT / part).rglob("*.py"))


def words_of_domains(text: str) -> list[str]:
    return [match.group() for match in WORDS.finditer(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_engine_names_no_domain(path: Path) -> None:
    if str(path.relative_to(ROOT)) not in EXEMPT:
        assert words_of_domains(path.read_text("utf-8")) == []


def test_every_exempt_file_needs_its_exemption() -> None:
    assert {name for name in EXEMPT if words_of_domains((ROOT / name).read_text("utf-8"))} == EXEMPT


@pytest.mark.parametrize("text", ["book_id", "class IsbnTaken", "the authors of", "BookView"])
def test_a_word_of_the_domain_is_found(text: str) -> None:
    assert words_of_domains(text) != []


@pytest.mark.parametrize("text", ["authorizer", "Authorization", "authority", "publishes"])
def test_a_word_of_the_engine_is_not_mistaken_for_one(text: str) -> None:
    assert words_of_domains(text) == []
