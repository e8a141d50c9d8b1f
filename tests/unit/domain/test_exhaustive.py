"""mypy reports a command that ``decide`` does not handle, so that none can cause a 500."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from core.domain import commands, decider
from core.domain.commands import BookCommand

ROOT = Path(__file__).parents[3]
COMMANDS = [command.__name__ for command in get_args(BookCommand)]
DECIDER_SOURCE = Path(decider.__file__).read_text()
COMMANDS_SOURCE = Path(commands.__file__).read_text()


class WithoutCase(ast.NodeTransformer):
    """Removes the case of one command from ``decide``."""

    def __init__(self, command: str) -> None:
        self._command = command

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self.generic_visit(node) if node.name == "decide" else node

    def visit_Match(self, node: ast.Match) -> ast.Match:
        kept = [case for case in node.cases if not self._is_removed(case.pattern)]
        assert len(kept) == len(node.cases) - 1
        return ast.Match(node.subject, kept)

    def _is_removed(self, pattern: ast.pattern) -> bool:
        return isinstance(pattern, ast.MatchClass) and ast.unparse(pattern.cls) == self._command


def without_case(command: str) -> str:
    """Return the source of the decider with one command forgotten."""
    tree = WithoutCase(command).visit(ast.parse(DECIDER_SOURCE))
    return ast.unparse(ast.fix_missing_locations(tree))


def with_another_command() -> str:
    """Return the source of the commands with one that the decider does not know."""
    union = "BookCommand = "
    assert COMMANDS_SOURCE.count(union) == 1
    return COMMANDS_SOURCE.replace(union, f"class LendBook: ...\n\n\n{union}LendBook | ")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return what mypy reports of each variant of the decider. One run checks all."""
    folder = tmp_path_factory.mktemp("deciders")
    variants = {f"without_{command}": without_case(command) for command in COMMANDS}
    variants["intact"] = DECIDER_SOURCE
    variants["with_LendBook"] = DECIDER_SOURCE.replace(commands.__name__, "commands_with_another")
    for name, source in variants.items():
        (folder / f"{name}.py").write_text(source)
    (folder / "commands_with_another.py").write_text(with_another_command())
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(folder / "cache")]
    files = [str(folder / f"{name}.py") for name in variants]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--follow-imports=silent", "--no-pretty", *files],
        cwd=ROOT,
        env={"MYPYPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{len(files)} source files" in checked.stdout, checked.stdout + checked.stderr
    errors = [line for line in checked.stdout.splitlines() if ": error: " in line]
    return {
        name: [line.partition(": error: ")[2] for line in errors if f"{name}.py:" in line]
        for name in variants
    }


def test_mypy_accepts_the_decider_as_it_is(reports: dict[str, list[str]]) -> None:
    assert reports["intact"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_mypy_reports_a_command_without_a_case(command: str, reports: dict[str, list[str]]) -> None:
    (error,) = reports[f"without_{command}"]
    assert f'"assert_never" has incompatible type "{command}"; expected "Never"' in error


def test_mypy_reports_another_command(reports: dict[str, list[str]]) -> None:
    (error,) = reports["with_LendBook"]
    assert '"assert_never" has incompatible type "LendBook"; expected "Never"' in error
