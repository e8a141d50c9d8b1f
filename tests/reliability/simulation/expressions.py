"""DynamoDB's expressions, as far as the adapters use them: parsed once, then plain functions.

Whatever else DynamoDB would take raises NotImplementedError, so that an adapter which begins to use
it fails loudly and not subtly.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

Item = Mapping[str, Any]
Values = Mapping[str, Any]
Predicate = Callable[[Item, Values], bool]
Names = tuple[tuple[str, str], ...]

_TOKEN: Final = re.compile(r"\s*(?:([#:]?[A-Za-z_][\w]*)|([=<>]+|[(),.]))")
_COMPARISONS: Final = ("=", "<", "<=", ">", ">=")
_FUNCTIONS: Final = ("attribute_exists", "attribute_not_exists", "begins_with", "contains")


class Comparison(NamedTuple):
    """``path operator value``; BETWEEN has two values."""

    operator: str
    path: tuple[str, ...]
    values: tuple[str, ...]


class Call(NamedTuple):
    """``function(path)`` or ``function(path, value)``."""

    function: str
    path: tuple[str, ...]
    values: tuple[str, ...]


class Combination(NamedTuple):
    """``AND``, ``OR`` or ``NOT`` of conditions."""

    operator: str
    parts: tuple["Node", ...]


Node = Comparison | Call | Combination


@lru_cache(maxsize=1024)
def parsed(expression: str, names: Names) -> Node:
    """Return the syntax tree of a condition."""
    return _Parser(expression, dict(names)).whole()


@lru_cache(maxsize=1024)
def condition(expression: str, names: Names) -> Predicate:
    """Return the function that evaluates a condition on an item, {} where there is none."""
    return _compiled(parsed(expression, names))


@lru_cache(maxsize=1024)
def projection(expression: str, names: Names) -> tuple[str, ...]:
    """Return the attributes of a projection of top-level attributes."""
    return tuple(_resolved(name.strip(), dict(names)) for name in expression.split(","))


class Update(NamedTuple):
    """``SET attribute = :value``, ``ADD attribute :set`` and ``REMOVE attribute``, one of each."""

    set_to: tuple[str, str] | None
    add: tuple[str, str] | None
    remove: str | None

    def applied(self, item: Item, values: Values) -> dict[str, Any]:
        """Return what ``item`` becomes."""
        new = dict(item)
        if self.set_to is not None:
            name, value = self.set_to
            new[name] = values[value]
        if self.add is not None:
            name, value = self.add
            present = new.get(name, {"SS": []})["SS"]
            new[name] = {"SS": sorted({*present, *values[value]["SS"]})}
        if self.remove is not None:
            new.pop(self.remove, None)
        return new


_UPDATE: Final = re.compile(
    r"(?:SET ([#\w]+) = (:\w+))?\s*(?:ADD ([#\w]+) (:\w+))?\s*(?:REMOVE ([#\w]+))?"
)


@lru_cache(maxsize=1024)
def update(expression: str, names: Names) -> Update:
    """Return what an update expression does."""
    match = _UPDATE.fullmatch(expression)
    if match is None:
        raise NotImplementedError(f"update expression {expression}")
    attributes = [
        None if name is None else _resolved(name, dict(names)) for name in match.group(1, 3, 5)
    ]
    set_name, add_name, remove = attributes
    return Update(
        None if set_name is None else (set_name, match[2]),
        None if add_name is None else (add_name, match[4]),
        remove,
    )


def check_all_used(expressions: Sequence[str], names: Mapping[str, str], values: Values) -> None:
    """Raise ValueError for names or values that no expression mentions, as DynamoDB does."""
    unused = _unused(tuple(expressions), tuple(names), tuple(values))
    if unused:
        raise ValueError(f"unused in expressions: {unused}")


@lru_cache(maxsize=1024)
def _unused(
    expressions: tuple[str, ...], names: tuple[str, ...], values: tuple[str, ...]
) -> tuple[str, ...]:
    used = {token for text in expressions for token in re.findall(r"[#:]\w+", text)}
    return tuple(name for name in (*names, *values) if name not in used)


class _Parser:
    """Recursive descent: OR binds loosest, then AND, then NOT."""

    def __init__(self, expression: str, names: Mapping[str, str]) -> None:
        self._expression = expression
        self._names = names
        self._tokens = _tokens(expression)
        self._next = 0

    def whole(self) -> Node:
        node = self._or()
        if self._peek() is not None:
            raise self._unsupported()
        return node

    def _or(self) -> Node:
        return self._chain("OR", self._and)

    def _and(self) -> Node:
        return self._chain("AND", self._not)

    def _chain(self, operator: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._peek() == operator:
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Combination(operator, tuple(parts))

    def _not(self) -> Node:
        if self._peek() == "NOT":
            self._take()
            return Combination("NOT", (self._not(),))
        return self._operand()

    def _operand(self) -> Node:
        token = self._take()
        if token == "(":
            node = self._or()
            self._expect(")")
            return node
        if token in _FUNCTIONS:
            return self._call(token)
        path = self._path(token)
        operator = self._take()
        if operator == "BETWEEN":
            low = self._value()
            self._expect("AND")
            return Comparison("BETWEEN", path, (low, self._value()))
        if operator not in _COMPARISONS:
            raise self._unsupported()
        return Comparison(operator, path, (self._value(),))

    def _call(self, function: str) -> Node:
        self._expect("(")
        path = self._path(self._take())
        values: tuple[str, ...] = ()
        if self._peek() == ",":
            self._take()
            values = (self._value(),)
        self._expect(")")
        return Call(function, path, values)

    def _path(self, first: str) -> tuple[str, ...]:
        path = [_resolved(first, self._names)]
        while self._peek() == ".":
            self._take()
            path.append(_resolved(self._take(), self._names))
        return tuple(path)

    def _value(self) -> str:
        token = self._take()
        if not token.startswith(":"):
            raise self._unsupported()
        return token

    def _peek(self) -> str | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> str:
        token = self._peek()
        if token is None:
            raise self._unsupported()
        self._next += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self._take() != wanted:
            raise self._unsupported()

    def _unsupported(self) -> NotImplementedError:
        return NotImplementedError(f"expression {self._expression}")


def _tokens(expression: str) -> list[str]:
    tokens, at, text = [], 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotImplementedError(f"expression {expression}")
        tokens.append(match[1] or match[2])
        at = match.end()
    return tokens


def _resolved(name: str, names: Mapping[str, str]) -> str:
    if not re.fullmatch(r"#?\w+", name):
        raise NotImplementedError(f"path {name}")
    return names[name] if name.startswith("#") else name


def _compiled(node: Node) -> Predicate:
    match node:
        case Combination("NOT", (part,)):
            negated = _compiled(part)
            return lambda item, values: not negated(item, values)
        case Combination("AND", parts):
            of_all = tuple(map(_compiled, parts))
            return lambda item, values: all(part(item, values) for part in of_all)
        case Combination("OR", parts):
            of_any = tuple(map(_compiled, parts))
            return lambda item, values: any(part(item, values) for part in of_any)
        case Comparison():
            return _comparison(node)
        case Call():
            return _call(node)
        case _:
            raise NotImplementedError(f"condition {node}")


def _comparison(node: Comparison) -> Predicate:
    compare = _COMPARE[node.operator]
    read, names = _reader(node.path), node.values

    def evaluate(item: Item, values: Values) -> bool:
        present = read(item)
        if present is None:
            return False
        others = [values[name] for name in names]
        if any(present.keys() != other.keys() for other in others):
            return False
        return compare(_comparable(present), *map(_comparable, others))

    return evaluate


_COMPARE: Final[dict[str, Callable[..., bool]]] = {
    "=": lambda a, b: bool(a == b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "BETWEEN": lambda a, low, high: bool(low <= a <= high),
}


def _call(node: Call) -> Predicate:
    read = _reader(node.path)
    match node.function, node.values:
        case "attribute_exists", ():
            return lambda item, _: read(item) is not None
        case "attribute_not_exists", ():
            return lambda item, _: read(item) is None
        case "begins_with", (prefix,):
            return lambda item, values: _begins(read(item), values[prefix]["S"])
        case "contains", (member,):
            return lambda item, values: values[member]["S"] in _members(read(item))
        case _:
            raise NotImplementedError(f"function {node}")


def _begins(value: Mapping[str, Any] | None, prefix: str) -> bool:
    return value is not None and bool(value["S"].startswith(prefix))


def _members(value: Mapping[str, Any] | None) -> Any:
    return () if value is None else value["SS"]


def _reader(path: tuple[str, ...]) -> Callable[[Item], Any]:
    if len(path) == 1:
        (name,) = path
        return lambda item: item.get(name)

    def read(item: Item) -> Any:
        *outer, last = path
        for name in outer:
            item = item.get(name, {}).get("M", {})
        return item.get(last)

    return read


def _comparable(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return content
        case "N":
            return int(content)
        case _:
            raise NotImplementedError(f"comparison of type {kind}")
