"""What of a new OpenAPI 3.1 document breaks clients that were written for an old one. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from make.openapi.schemas import Direction, Schema, problems, without_references

Document = Mapping[str, Any]
Operation = dict[str, Any]
Requirement = Mapping[str, Sequence[str]]
"""The scopes that are needed of each scheme (Security Requirement Object)."""

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Breaking(NamedTuple):
    """A change that breaks clients: of which operation, and what."""

    operation: str
    change: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.change}"


def breaking_changes(old: Document, new: Document) -> list[Breaking]:
    """Return the changes from ``old`` to ``new`` that break clients.

    Added operations, optional parameters, optional fields of requests, fields of responses and
    statuses are none. Raise ValueError for schemas that refer to themselves.
    """
    before, after = _operations(old), _operations(new)
    found = []
    for name, operation in before.items():
        changes = _changes(operation, after[name]) if name in after else ["it is no longer there"]
        found += [Breaking(name, change) for change in changes]
    return found


def _operations(document: Document) -> dict[str, Operation]:
    whole = without_references(dict(document), document)
    shared = {"security": whole.get("security", [])}
    return {
        f"{method.upper()} {path}": {
            **shared,
            **item[method],
            "parameters": [*item.get("parameters", []), *item[method].get("parameters", [])],
        }
        for path, item in whole["paths"].items()
        for method in _METHODS
        if method in item
    }


def _changes(old: Operation, new: Operation) -> Iterator[str]:
    if old.get("operationId") != new.get("operationId"):
        yield f"operationId is {new.get('operationId')}, and was {old.get('operationId')}"
    if not _is_satisfied(new["security"], old["security"]):
        yield f"security is {new['security']}, and was {old['security']}"
    yield from _parameters(_by_name(old), _by_name(new))
    yield from _body(old.get("requestBody"), new.get("requestBody"))
    for status, response in old.get("responses", {}).items():
        if status not in new["responses"]:
            yield f"response {status} is no longer there"
        else:
            changes = _response(response, new["responses"][status], _direction(status))
            yield from (f"response {status}: {change}" for change in changes)


def _is_satisfied(wanted: Sequence[Requirement], held: Sequence[Requirement]) -> bool:
    """Return whether what sufficed to be allowed, each of ``held``, still does."""
    return all(any(_covers(has, needs) for needs in wanted or [{}]) for has in held or [{}])


def _covers(has: Requirement, needs: Requirement) -> bool:
    return all(
        scheme in has and set(scopes) <= set(has[scheme]) for scheme, scopes in needs.items()
    )


def _by_name(operation: Operation) -> dict[str, Schema]:
    return {
        f"{p['in']} {p['name'].lower() if p['in'] == 'header' else p['name']}": p
        for p in operation["parameters"]
    }


def _parameters(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> Iterator[str]:
    for name, parameter in new.items():
        if parameter.get("required") and not old.get(name, {}).get("required"):
            yield f"parameter {name} is required"
    for name, parameter in old.items():
        if name not in new:
            yield f"parameter {name} is no longer there"
            continue
        found = problems(
            parameter.get("schema", {}), new[name].get("schema", {}), Direction.REQUEST
        )
        yield from (f"parameter {name}: {problem}" for problem in found)


def _body(old: Schema | None, new: Schema | None) -> Iterator[str]:
    if new and new.get("required") and not (old and old.get("required")):
        yield "a body is required"
    if old and not new:
        yield "the body is no longer there"
    if old and new:
        changes = _content(old["content"], new["content"], Direction.REQUEST)
        yield from (f"body: {change}" for change in changes)


def _direction(status: str) -> Direction:
    return Direction.ERROR if status[0] in "45d" else Direction.RESPONSE


def _response(old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
    yield from _content(old.get("content", {}), new.get("content", {}), direction)
    headers = {name.lower(): header for name, header in new.get("headers", {}).items()}
    for name, header in old.get("headers", {}).items():
        if name.lower() not in headers:
            yield f"header {name} is no longer there"
            continue
        now = headers[name.lower()]
        if header.get("required") and not now.get("required"):
            yield f"header {name} may be missing"
        found = problems(now.get("schema", {}), header.get("schema", {}), direction)
        yield from (f"header {name}: {problem}" for problem in found)


def _content(
    old: Mapping[str, Schema], new: Mapping[str, Schema], direction: Direction
) -> Iterator[str]:
    for media_type, content in old.items():
        if media_type not in new:
            yield f"{media_type} is no longer there"
            continue
        schemas = content.get("schema", {}), new[media_type].get("schema", {})
        sent, taken = schemas if direction is Direction.REQUEST else reversed(schemas)
        yield from (f"{media_type}: {problem}" for problem in problems(sent, taken, direction))
