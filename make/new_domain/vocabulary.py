"""Words that cannot name an aggregate: the code that stays would have two things of one name."""

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

_ENGINE: Final = ("core/ports/", "core/application/", "core/adapters/")
_OTHERS: Final = frozenset(
    {
        "aggregate",
        "collection",
        "health",
        "history",
        "request",
        "response",
        "state",
        "table",
        "test",
    }
)
_FORMS: Final = {"book": "([a-z]+)", "Book": "([A-Z][a-z]+)", "BOOK": "([A-Z]+)"}


def engine_vocabulary(files: Mapping[str, str]) -> frozenset[str]:
    """Return the words, out of Python files by path, in the singular and plural.

    These are folders and modules, the classes of the engine, and names beside one of a book: where
    there is a ``book_id``, an ``account_id`` too, and the word is "account".
    """
    words: set[str] = set(_OTHERS)
    for path, text in files.items():
        words.update(part.strip("_") for part in PurePosixPath(path).with_suffix("").parts)
        if path.startswith(_ENGINE):
            words.update(_classes(text))
        if "book" in text.lower():
            words.update(word for scope in _scopes(text) for word in _beside_books(scope))
    return frozenset(w for each in words for w in (each, f"{each}s", each.removesuffix("s")))


def _classes(text: str) -> Iterable[str]:
    nodes = ast.walk(ast.parse(text))
    return [node.name.lower() for node in nodes if isinstance(node, ast.ClassDef)]


def _scopes(text: str) -> Iterable[set[str]]:
    """Yield the names of the module and of each class, and of each function with all in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef):
            yield {name for inner in _own(node) for name in _names(inner)}
        elif isinstance(node, ast.FunctionDef | ast.Lambda):
            yield {name for inner in ast.walk(node) for name in _names(inner)}


def _own(node: ast.AST) -> Iterable[ast.AST]:
    """Yield the nodes in ``node``, but not what functions and classes have in them."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own(child)


def _names(node: ast.AST) -> Iterable[str]:
    match node:
        case ast.Name(id=name) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name
        case _:
            pass


def _beside_books(names: set[str]) -> Iterable[str]:
    for name in names:
        for form in (form for form in _FORMS if form in name):
            like = re.compile(name.replace(form, _FORMS[form], 1))
            found = (like.fullmatch(other) for other in names - {name})
            yield from (other[1].lower() for other in found if other)
