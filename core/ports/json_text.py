"""JSON text, read strictly (RFC 8259) and written in one form."""

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn

MAX_NESTING: Final = 32


class NotJson(ValueError):
    """Some bytes are not JSON in UTF-8; ``str()`` says why."""


def parse_json(raw: bytes) -> Any:
    """Return the parsed text (RFC 8259, no name twice in an object: see its section 4).

    Raises NotJson, also for what Python's JSON parser accepts and RFC 8259 does not.
    """
    try:
        value = _decode(raw.decode())
        if raw.count(b"[") + raw.count(b"{") >= MAX_NESTING:
            _check_nesting(value)
        if b"\\u" in raw:
            _encode(value).encode()  # refuses escapes of lone surrogates, which are not text
    except (ValueError, RecursionError) as error:
        raise NotJson(_reason(error)) from error
    return value


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def compact_json(value: object) -> str:
    """Return ``value`` as JSON text without white space, as responses and stores have it."""
    return _encode(value)


_encode_sorted: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":")
).encode


def canonical_json(value: object) -> bytes:
    """Return the same UTF-8 JSON for equal values. Raises UnicodeEncodeError (surrogates)."""
    return _encode_sorted(value).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise NotJson("an object has a name twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not a JSON value")


_decode: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant).decode


def _check_nesting(value: object) -> None:
    # Python's parser goes as deep as the stack allows; what it took at one depth of the stack may
    # overflow at another.
    level = [value]
    for _ in range(MAX_NESTING):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return
    raise NotJson("it is nested too deeply")


def _parts(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"{error.msg} at character {error.pos}"
        case NotJson():
            return str(error)
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeError():
            return "it has bytes or escapes that are not text"
        case _:
            return "a number is too long"
