"""What the README and docs say: the tests, options, commands and names that they name exist."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

import chalice_terraform.runtime
from chalice_terraform.command_line.program import main
from chalice_terraform.merging.drops import DROPS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
FEATURES = (ROOT / "docs" / "features.md").read_text()
DOCUMENTS = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
CODE = "".join(path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
TEXTS = [README, *DOCUMENTS.values()]
COMMANDS = sorted(
    {
        line
        for text in TEXTS
        for line in re.findall(r"(?:^|`|\$ )(chalice-terraform .+?)(?:`|  |$)", text, re.MULTILINE)
    }
)


def test_every_row_of_the_features_names_tests_that_exist() -> None:
    defined = set(re.findall(r"def (test_\w+)", CODE))
    rows = [row for row in FEATURES.splitlines() if row.startswith("| ") and "Chalice |" not in row]
    assert len(rows) > 40
    for row in rows:
        named = set(re.findall(r"`(test_\w+)`", row))
        assert named, row
        assert named <= defined, row


def test_every_drop_is_in_a_row_of_the_features() -> None:
    assert set(re.findall(r"--allow-drop ([\w-]+)", FEATURES)) == set(DROPS)


def test_the_readme_links_every_document() -> None:
    linked = set(re.findall(r"\]\((docs/[\w.]+)", README))
    assert linked == {f"docs/{name}" for name in DOCUMENTS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_options_with_which_it_is_shown(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, name, *arguments = shlex.split(command.partition("#")[0])
    with pytest.raises(SystemExit):
        main([name, "--help"])
    described = capsys.readouterr().out
    for option in arguments:
        if option.startswith("--"):
            assert option.partition("=")[0] in described


def test_what_the_readme_imports_is_there() -> None:
    imported = [
        name.name
        for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL)
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    ]
    assert set(imported) == set(chalice_terraform.runtime.__all__)
