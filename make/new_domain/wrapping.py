"""Comments and docstrings that renaming has made too long, in lines of the usual width again.

Code is ruff's to format, which leaves prose as it is.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from typing import Final

WIDTH: Final = 100

_QUOTES: Final = '"""'
_ITEM: Final = "- "


def wrapped(source: str) -> str:
    """Return Python's ``source``, with prose of more than ``WIDTH`` columns in more lines."""
    lines = source.splitlines()
    if all(len(line) <= WIDTH for line in lines):
        return source
    # From the end, so that the lines before keep their numbers.
    for first, last, prefix in sorted([*_docstrings(source), *_comments(source)], reverse=True):
        lines[first:last] = _in_width(lines[first:last], prefix)
    return "\n".join([*lines, ""])


def _docstrings(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the first line of each, the line after its last, and what its lines begin with."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield node.lineno - 1, node.end_lineno or node.lineno, " " * node.col_offset


def _comments(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the same of comments, which are one if they are below each other."""
    first, last, before = 0, 0, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT and not token.line[:column].strip():
            prefix = f"{' ' * column}# "
            if (row - 1, prefix) != (last, before):
                yield first, last, before
                first, before = row - 1, prefix
            last = row
    yield first, last, before


def _in_width(lines: list[str], prefix: str) -> list[str]:
    """Return ``lines``, each of which begins with ``prefix``, in lines that are short enough.

    What is too much for a line is put before the next one of the same paragraph.
    """
    done: list[str] = []
    waiting = [*lines]
    while waiting:
        line = waiting.pop(0)
        cut = line.rfind(" ", len(prefix) + len(_ITEM), WIDTH + 1)
        if len(line) <= WIDTH or cut < 0:
            done.append(line)
            continue
        done.append(line[:cut])
        rest, next_prefix = line[cut + 1 :], _next_prefix(line, prefix)
        if rest.endswith(_QUOTES):
            waiting[:0] = [next_prefix + rest.removesuffix(_QUOTES), prefix + _QUOTES]
        elif waiting and _goes_on(waiting[0], next_prefix):
            waiting[0] = f"{next_prefix}{rest} {waiting[0].removeprefix(next_prefix)}"
        else:
            waiting.insert(0, next_prefix + rest)
    return done


def _next_prefix(line: str, prefix: str) -> str:
    text = line.removeprefix(prefix)
    indent = len(text) - len(text.lstrip()) + (len(_ITEM) if text.lstrip().startswith(_ITEM) else 0)
    return prefix + " " * indent


def _goes_on(line: str, prefix: str) -> bool:
    text = line.removeprefix(prefix)
    begins = line.startswith(prefix) and text[:1].strip() != ""
    return begins and not text.startswith((_ITEM, _QUOTES))
