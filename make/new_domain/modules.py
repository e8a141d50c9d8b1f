"""Python modules without some of their definitions."""

import ast
from collections.abc import Collection


def without(source: str, names: Collection[str]) -> str:
    """Return ``source`` without the functions and values ``names`` of its top level.

    A docstring below a value goes with it. Raises ValueError for a name that is not defined there.
    """
    body = ast.parse(source).body
    dropped, defined = set[int](), set[str]()
    for node, following in zip(body, [*body[1:], None], strict=True):
        if (name := _name(node)) in names:
            defined.add(name)
            last = following if _is_docstring(following) and not _is_function(node) else node
            dropped.update(range(_first_line(node), _last_line(last) + 1))
    if missing := set(names) - defined:
        raise ValueError(f"not defined: {', '.join(sorted(missing))}")
    lines = source.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(lines, 1) if number not in dropped)


def _name(node: ast.stmt) -> str:
    match node:
        case ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef)


def _is_docstring(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _last_line(node: ast.stmt | None) -> int:
    return 0 if node is None else node.end_lineno or node.lineno
