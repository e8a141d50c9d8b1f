"""What of this repository is the books' own, and is left out of a new project.

Everything here matches something, or a test fails: the template cannot rot unseen.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

DROPPED: Final = (
    # what a domain is: the seed has a small one (of the same decider, commands and manifest)
    "core/domain/book.py",
    "core/domain/events.py",
    "core/domain/isbn.py",
    "core/domain/language.py",
    "core/domain/listing.py",
    "core/domain/published.py",
    "core/domain/rules.py",
    "core/domain/text.py",
    "core/domain/upcasters.py",
    "tests/unit/domain/*",
    "tests/unit/test_upcasters.py",
    "tests/support/book_sample.py",
    "tests/support/example.py",
    "tests/support/samples.py",
    "apps/local/example.py",
    # books over HTTP
    "tests/apps/test_add_book.py",
    "tests/apps/test_listing.py",
    "tests/apps/test_parameters.py",
    "tests/apps/test_revise_book.py",
    # the import of CSV files of books
    "apps/importer/*",
    "docs/import.md",
    "tests/e2e/test_import.py",
    "tests/unit/importer/*",
    # a model of a catalogue of books, and what books cost
    "tests/properties/*",
    "tests/benchmarks/capacity.py",
    "tests/benchmarks/growth.py",
    # this template, and what proves that it is one: another domain, and that the engine is in no domain's words
    "docs/new-domain.md",
    "make/new-domain.mk",
    "make/new_domain/*",
    "tests/infrastructure/new_domain/*",
    "tests/unit/test_engine_words.py",
)


def is_dropped(path: str) -> bool:
    """Return whether a file of this repository is left out."""
    return any(fnmatchcase(path, pattern) for pattern in DROPPED)


DROPPED_SECTIONS: Final = {
    "README.md": (
        "A catalogue full of books",
        "What it costs on DynamoDB",
        "Your own domain in place of books",
    ),
}

DROPPED_PACKAGES: Final = frozenset({"langcodes", "python-stdnum", "rich"})
"""Packages that only books need."""

TEST_PACKAGES: Final = frozenset({"httpx"})
"""Packages that, beside books, only tests need."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of a file that is left out or replaced: a regular expression that matches once."""

    path: str
    pattern: str
    replacement: str = ""


EDITS: Final = (
    Edit("Makefile", r"\.PHONY: import\n(?:.+\n)+\n"),
    Edit("Makefile", r"include make/new-domain\.mk\n"),
    Edit(".gitignore", r"# made by make import\n.+\n"),
    Edit("apps/__init__.py", r" the importer,"),
    Edit("pyproject.toml", r"apps/\{importer,local\}/", "apps/local/"),
    Edit("pyproject.toml", r'"\{tests,make/new_domain/seed/tests\}/', '"tests/'),
    Edit("pyproject.toml", r"^# It is checked where it belongs.*\n.*\n"),
    Edit("requirements/run.in", r" `make import`,"),
    Edit("terraform/dynamodb.tf", r"(?<=catalogue_sorts = )\[.*\]", '["title"]'),
)
