"""Configuration comes in as data: only entry points read the environment of their process."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("core", "apps", "make", "packages/chalice-terraform/src")
PROGRAMS = [path for top in CODE for path in (ROOT / top).rglob("*.py")]
COMPOSITION_ROOT = {
    (Path("core/bootstrap", f"{module}.py"), function)
    # Credentials may be renewed, and Lambda sets the trace id with each invocation.
    for module, functions in {
        "commands": ("actor_key",),
        "process": ("settings", "logger"),
        "stores": ("dynamodb_client", "_untraced_client"),
    }.items()
    for function in functions
}


def reads(tree: ast.AST, function: str = "no function") -> Iterator[str]:
    """Yield the name of the function around each use of the process's environment."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield from reads(node, node.name)
            continue
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}:
            yield function
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (function for name in node.names if name.name in {"environ", "getenv"})
        yield from reads(node, function)


def test_entry_points_alone_read_the_environment() -> None:
    readers = {
        (path.relative_to(ROOT), function)
        for path in PROGRAMS
        for function in reads(ast.parse(path.read_text()))
    }
    assert readers >= COMPOSITION_ROOT
    assert {function for _, function in readers - COMPOSITION_ROOT} == {"main"}


@pytest.mark.parametrize(
    "code",
    [
        "import os\ndef f(): return os.environ['A']",
        "import os\nB = os.getenv('B')",
        "from os import environ",
    ],
)
def test_a_read_elsewhere_is_detected(code: str) -> None:
    assert set(reads(ast.parse(code))) - {"main"}
