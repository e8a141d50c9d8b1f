"""What of this repository is the books' own, and is left out of a new project.

Everything here matches something, or a test fails: the template cannot rot unseen.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

DROPPED: Final = (
    # what a domain is: the seed has a small one (of the same decider, commands and manifest)
    "core/domain/details.py",
    "core/domain/events.py",
    "core/domain/isbn.py",
    "core/domain/language.py",
    "core/domain/limits.py",
    "core/domain/listing.py",
    "core/domain/messages.py",
    "core/domain/published.py",
    "core/domain/rules.py",
    "core/domain/upcasters.py",
    "tests/unit/domain/public_messages/*",
    "tests/unit/domain/stored_events/*",
    "tests/unit/domain/test_decider.py",
    "tests/unit/domain/test_rules.py",
    "tests/unit/domain/test_upcasters.py",
    "tests/unit/domain/test_values.py",
    "tests/support/book_sample.py",
    "tests/support/example.py",
    "tests/support/samples.py",
    "apps/local/example.py",
    # the descriptions of the books' API and messages: a new project writes its own
    "docs/asyncapi.json",
    "docs/openapi.json",
    # books over HTTP
    "tests/apps/test_add_book.py",
    "tests/apps/test_listing.py",
    "tests/apps/test_parameters.py",
    "tests/apps/test_revise_book.py",
    # stores full of books, with all that a book can have; the suites that take samples stay
    "tests/contract/test_book_events.py",
    "tests/contract/test_catalogue.py",
    "tests/contract/test_dynamodb_catalogue.py",
    "tests/contract/test_dynamodb_costs.py",
    "tests/contract/test_listings.py",
    "tests/contract/test_sqlite_catalogue.py",
    # stores of earlier versions, which had books
    "core/adapters/sqlite/migrations.py",
    "tests/apps/*old_stores.py",
    "tests/contract/test_sqlite_migrations.py",
    "tests/contract/test_sqlite_places.py",
    "tests/fixtures/stores/*",
    "tests/support/sqlite_files.py",
    # files of books, imported and exported
    "apps/exporter/*",
    "apps/importer/*",
    "docs/how-to/import-and-export.md",
    "docs/reference/figures.md",
    "tests/apps/test_transfers.py",
    "tests/e2e/test_import.py",
    "tests/unit/exporter/*",
    "tests/unit/importer/*",
    # a model of a catalogue of books, and what books cost us and our peers
    "tests/properties/*",
    "docs/benchmarks.md",
    "docs/benchmarks/*",
    "make/bench.mk",
    "requirements/bench.*",
    "tests/benchmarks/*",
    "tests/documents/test_benchmarks.py",
    "tests/infrastructure/test_benchmarks.py",
    # clients that write books to real services under faults; the simulation has a domain of its own
    "tests/reliability/processes/*",
    # a walk through the explorer with books
    "tests/browser/explorer.py",
    "tests/browser/scenes.py",
    "tests/browser/screenshots.py",
    "tests/browser/shelf.py",
    "tests/browser/test_explorer.py",
    # this template, and what proves that the engine is one: a second domain, and its words
    "docs/how-to/new-domain.md",
    # the seed has its own: those of a project that has no tutorial, no pictures and no past yet
    "CHANGELOG.md",
    "README.md",
    "docs/README.md",
    "docs/how-to/add-a-*.md",
    "docs/images/*",
    "docs/tutorial.md",
    "tests/documents/test_how_to.py",
    "make/new-domain.mk",
    "make/new_domain/*",
    "tests/contract/test_side_by_side.py",
    "tests/infrastructure/new_domain/*",
    "tests/infrastructure/test_name.py",
    "tests/lending/*",
    "tests/unit/lending/*",
    "tests/unit/test_engine_words.py",
)


def is_dropped(path: str) -> bool:
    """Return whether a file of this repository is left out."""
    return any(fnmatchcase(path, pattern) for pattern in DROPPED)


VERBATIM: Final = frozenset({"LICENSE", "NOTICE"})
"""What keeps our name: section 4 of the Apache License asks it of a derived work."""

DERIVED: Final = """\
This project was made from Books CQRS by `make new-domain`, which has changed most of its files: it
left out what belongs to books, and renamed what is called after them. The notice of Books CQRS:

"""
"""What a new project's NOTICE begins with: the changes that the same section wants to be stated."""

DROPPED_SECTIONS: Final = {
    "docs/reference/api.md": (),
}

DROPPED_NAMES: Final = {
    "tests/contract/sqlite_writers.py": ("open_old_file", "migrate_until_killed"),
    "tests/contract/test_dynamodb_event_store.py": (
        "OLD_ITEM",
        "OLD_RECORD",
        "test_a_book_of_the_maximum_size_is_stored",
        "test_a_repeated_command_finds_its_first_response_in_an_old_log",
        "test_an_item_of_the_first_schema_version_loads_and_is_recognised_by_its_idempotency_key",
        "test_the_stored_form_of_an_event_is_that_of_earlier_versions",
    ),
    "tests/contract/test_sqlite_processes.py": (
        "KILL_EVERY",
        "REBUILDING",
        "statements_before_a_kill",
        "test_a_migration_that_is_killed_leaves_the_file_as_it_was",
        "test_several_processes_open_a_file_of_an_older_version_at_once",
    ),
}
"""What is left out of modules that stay: tests of books, and of stores of earlier versions."""

DROPPED_PACKAGES: Final = frozenset({"langcodes", "python-stdnum", "rich"})
"""Packages that only books need."""

TEST_PACKAGES: Final = frozenset({"httpx"})
"""Packages that only tests need, once there are no books."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of a file that is left out or replaced: what a regular expression matches."""

    path: str
    pattern: str
    replacement: str = ""
    matches: int = 1


EDITS: Final = (
    Edit("Makefile", r"\.PHONY: (?:import|export)\n(?:.+\n)+\n", matches=2),
    Edit("Makefile", r"\.PHONY: reliability\n(?:.+\n)+\n"),
    Edit("Makefile", r"\.PHONY: screenshots\n(?:.+\n)+\n"),
    Edit("Makefile", r"include make/(?:bench|new-domain)\.mk\n", matches=2),
    Edit(
        "Makefile",
        r"\$\$\(case ' \$\(WHOLE\) .+? echo (--excludes .+?) ;; esac\)",
        r"\1",
    ),
    Edit("docs/explanation/architecture.md", r"^\| `apps/importer/`.+\n"),
    Edit(
        "docs/explanation/architecture.md",
        r"^\| `tests/(?:benchmarks|lending|properties|reliability/processes)/` .+\n",
        matches=4,
    ),
    Edit("docs/explanation/architecture.md", r" with both domains"),
    Edit("docs/explanation/architecture.md", r"; stores of earlier versions"),
    Edit("docs/explanation/consistency.md", r"\[explorer\]\(\.\./tutorial\.md.*?\)", "explorer"),
    Edit("make/images/slimming.py", r" +# A hundred kinds.+\n +\"stdnum\": .+\n"),
    Edit("tests/unit/images/test_slimming.py", r' +"stdnum/.+\n', matches=2),
    Edit("docs/explanation/images.md", r" of python-stdnum the books' own number alone;"),
    Edit("docs/explanation/images.md", r"^\[benchmarks\.md\].+\n"),
    Edit("docs/explanation/privacy.md", r"^  `make import` sends .+\n"),
    Edit("docs/explanation/privacy.md", r" files of `make export`,"),
    Edit("docs/decisions/0011-places.md", r" of \[benchmarks\.md\]\(.*?\)"),
    Edit(
        "docs/explanation/reliability.md",
        r"## (?:The history checker|Figures)\n\n(?:(?!## ).*\n)+",
        matches=2,
    ),
    Edit("docs/explanation/reliability.md", r"^\| real processes, .+\n"),
    Edit(
        "docs/reference/make.md",
        r"^\| `make (?:import|export|reliability|screenshots)` .+\n",
        matches=4,
    ),
    Edit("docs/reference/make.md", r"\n## Benchmarks\n\n(?:\|.+\n)+"),
    Edit("docs/reference/make.md", r"\n## Your own domain\n\n(?:\|.+\n)+"),
    Edit(".gitignore", r"# made by make import and make export\n(?:\*.+\n)+"),
    Edit("apps/__init__.py", r" import, export,"),
    Edit(
        "CONTRIBUTING.md",
        r"^\| `tests/(?:benchmarks|properties)` .+\n",
        matches=2,
    ),
    Edit("CONTRIBUTING.md", r"; real processes that are killed"),
    Edit("CONTRIBUTING.md", r", make, a new project"),
    Edit("CONTRIBUTING.md", r", and measured by the benchmarks"),
    Edit(
        "CONTRIBUTING.md",
        r"^\| (?:anything else that is stored|how fast it is|how it looks) .+\n",
        matches=3,
    ),
    Edit(
        "CONTRIBUTING.md",
        r", an operator or an owner\nof a derived project will",
        " or an\noperator will",
    ),
    Edit("SECURITY.md", r" Projects made from this one (?:.+\n)+", "\n"),
    Edit(
        "docs/explanation/security.md",
        r", `make import` and `make explorer` are",
        " and the API of `make explorer` are",
    ),
    Edit("docs/explanation/security.md", r"^- \*\*Exported CSV .+\n(?:  .+\n)+"),
    Edit("NOTICE", r"^- docs/images/.+\n"),
    Edit("docs/how-to/backup.md", r"Do not confuse it with the file of `make export`(?:.+\n)+\n"),
    Edit("docs/how-to/operate.md", r"## Updates that need a rebuild\n\n(?:.+\n)+\n"),
    Edit("pyproject.toml", r'^version = ".+"$', 'version = "0.1.0"'),
    Edit("pyproject.toml", r"\{exporter,importer,", "{"),
    Edit("pyproject.toml", r'"apps\.(?:ex|im)porter", ', matches=2),
    Edit("pyproject.toml", r' +"apps\.(?:ex|im)porter\.\* -> .+\n', matches=2),
    Edit("pyproject.toml", r"# The peers of the benchmarks.+\n(?:\[\[tool\.mypy(?:.+\n)+\n)+"),
    Edit("pyproject.toml", r', "make/new_domain/seed"'),
    Edit(
        "pyproject.toml",
        r"\{tests,packages/\*/tests,make/new_domain/seed/tests\}/",
        "{tests,packages/*/tests}/",
    ),
    Edit("pyproject.toml", r"^# It is checked where it belongs.*\n.*\n"),
    Edit("requirements/run.in", r" `make import`, `make export`,"),
)
