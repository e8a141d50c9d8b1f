"""Redocly and Spectral have no findings in the documents, and find what is wrong in others."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.prerequisites import skip_or_fail
from tests.support.services import ROOT

LOCKS = ROOT / "requirements" / "node"
DOCUMENT = ROOT / "docs" / "openapi.json"
MESSAGES = ROOT / "docs" / "asyncapi.json"

Document = dict[str, Any]


def lint(
    document: Path, target: str = "openapi-lint", name: str = "DOCUMENT"
) -> subprocess.CompletedProcess[str]:
    """Lint a document. Nothing is installed here, where several tests would do so at once."""
    if not (ROOT / ".venv" / "node" / "linters" / "ready").is_file():
        skip_or_fail("Redocly and Spectral are not installed: make openapi-lint installs them")
    return subprocess.run(
        ["make", "--no-print-directory", target, f"{name}={document}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def first_operation(document: Document) -> Document:
    operations = next(iter(document["paths"].values()))
    operation: Document = next(iter(operations.values()))
    return operation


def lose_the_refused_requests(document: Document) -> None:
    responses = first_operation(document)["responses"]
    for status in [status for status in responses if status.startswith("4")]:
        del responses[status]


def refer_to_nothing(document: Document) -> None:
    document["components"]["schemas"]["Problem"] = {"$ref": "#/components/schemas/Nothing"}


def lose_the_description(document: Document) -> None:
    del first_operation(document)["description"]


def show_an_example_of_another_type(document: Document) -> None:
    document["components"]["schemas"]["Accepted"]["properties"]["version"]["examples"] = ["one"]


def show_a_message_of_another_type(messages: Document) -> None:
    message = next(iter(messages["components"]["messages"].values()))
    message["contentType"] = 1


def lint_messages(document: Path) -> subprocess.CompletedProcess[str]:
    """Lint a document of public messages."""
    return lint(document, "asyncapi-lint", "MESSAGES")


@pytest.mark.parametrize(
    ("lint_it", "document"), [(lint, DOCUMENT), (lint_messages, MESSAGES)], ids=["API", "messages"]
)
def test_the_document_has_no_findings(
    lint_it: Callable[[Path], subprocess.CompletedProcess[str]], document: Path
) -> None:
    done = lint_it(document)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (refer_to_nothing, "no-unresolved-refs"),
        (lose_the_refused_requests, "operation-4xx-response"),
        (show_an_example_of_another_type, "no-invalid-schema-examples"),
        (lose_the_description, "operation-description"),  # Spectral's
    ],
)
def test_a_spoilt_document_has(
    spoil: Callable[[Document], None], rule: str, tmp_path: Path
) -> None:
    document = json.loads(DOCUMENT.read_text())
    spoil(document)
    spoilt = tmp_path / "openapi.json"
    spoilt.write_text(json.dumps(document))
    done = lint(spoilt)
    assert done.returncode != 0
    assert rule in done.stdout


def test_a_spoilt_document_of_the_messages_is_found(tmp_path: Path) -> None:
    messages = json.loads(MESSAGES.read_text())
    show_a_message_of_another_type(messages)
    spoilt = tmp_path / "asyncapi.json"
    spoilt.write_text(json.dumps(messages))
    done = lint_messages(spoilt)
    assert done.returncode != 0
    assert "asyncapi-3-document" in done.stdout


def test_the_lock_names_no_registry() -> None:
    packages = json.loads((LOCKS / "package-lock.json").read_text())["packages"]
    assert len(packages) > 200
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
