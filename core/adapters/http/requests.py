"""Requests, read strictly: every surprise is a clear 400, 413 or 415, and never a guess."""

import re
from collections.abc import Container, Iterable, Mapping
from hashlib import sha256
from typing import Any

from chalice.app import Request

from core.adapters.http.callers import caller_of
from core.application.requests import Actor, CommandRequest, IdempotencyKey
from core.ports.json_text import NotJson, canonical_json, parse_json
from core.ports.refusals import NotFound

MAX_BODY_BYTES = 64 * 1024
MAX_KEY_CHARACTERS = 255
MAX_VERSION = 999_999_999
_ANY_VERSION = range(1, MAX_VERSION + 1)
ANY_CONTENT: list[str] = []
"""For Chalice's ``content_types``: its own check would respond in its own words, before
``json_body``."""

JSON_TYPES = ("application/json",)
PATCH_TYPES = ("application/merge-patch+json", "application/json")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# A list may have empty elements, which are ignored (RFC 9110, section 5.6.1.2).
ENTITY_TAGS = rf"[ \t,]*{_ENTITY_TAG}(?:[ \t]*,[ \t,]*{_ENTITY_TAG})*[ \t,]*"
"""The regular expression of a list of entity tags."""

_ENTITY_TAGS = re.compile(ENTITY_TAGS)
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:=/+-]{1,128}", re.ASCII)
_PRINTABLE = re.compile(r"[\x20-\x7e]+", re.ASCII)
_VERSION = re.compile(r"[1-9]\d{0,9}", re.ASCII)


class BadRequest(Exception):
    """The request is not one of this API's: ``str()`` says what to change."""


class NoSuchPage(Exception):
    """There is no page of the name that the path ends with."""

    def __init__(self, detail: str = "There is no page of this name.") -> None:
        super().__init__(detail)


class BodyTooLarge(Exception):
    """The body is over ``MAX_BODY_BYTES``."""

    def __init__(self) -> None:
        super().__init__(f"The body must not be over {MAX_BODY_BYTES:,} bytes.")


class UnsupportedMediaType(Exception):
    """The body is not declared as JSON in UTF-8."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(f"Send the body as {' or '.join(allowed)}, in UTF-8.")
        self.allowed = allowed


def request_id(request: Request) -> str:
    """Return API Gateway's request id, or the invocation's (under ``chalice local``)."""
    own = request.context.get("requestId")
    return str(own or getattr(request.lambda_context, "aws_request_id", "") or "unknown")


def correlation_id(request: Request) -> str:
    """Return the client's X-Correlation-Id when it is a plain one, else the request's id."""
    given = request.headers.get("x-correlation-id", "")
    return given if _CORRELATION_ID.fullmatch(given) else request_id(request)


def stream_id(text: str, noun: str) -> str:
    """Return a stream id in canonical form. Raises NotFound for what is not one."""
    lowered = text.lower()
    if not _UUID.fullmatch(lowered):
        raise NotFound(noun)
    return lowered


def json_body(request: Request, allowed: tuple[str, ...]) -> Any:
    """Return the parsed body (RFC 8259, no name twice in an object: see its section 4).

    Raises UnsupportedMediaType, BodyTooLarge or BadRequest.
    """
    _check_content_type(request.headers.get("content-type"), allowed)
    raw = _body_octets(request)
    if len(raw) > MAX_BODY_BYTES:
        raise BodyTooLarge
    try:
        return parse_json(raw)
    except NotJson as error:
        raise BadRequest(f"The body is not JSON in UTF-8: {error}.") from error


def _body_octets(request: Request) -> bytes:
    body = request.raw_body
    return body if isinstance(body, bytes) else body.encode()


def _check_content_type(content_type: str | None, allowed: tuple[str, ...]) -> None:
    media_type, *parameters = (content_type or allowed[0]).lower().split(";")
    charsets = [p.strip() for p in parameters if p.strip().startswith("charset=")]
    if media_type.strip() not in allowed or any(
        c.replace('"', "") != "charset=utf-8" for c in charsets
    ):
        raise UnsupportedMediaType(allowed)


def command_request(request: Request, kind: str, body: object = None) -> CommandRequest:
    """Return what the request's headers add to a command.

    ``kind``, a name that no other command of the API has, and ``body`` go into the key's
    fingerprint.

    The request has passed ``jwt_middleware``. Raises BadRequest.
    """
    caller = caller_of(request)
    if caller is None:
        raise AssertionError("a command's route has no authorizer")
    return CommandRequest(
        actor=Actor(caller.issuer, caller.subject),
        correlation_id=correlation_id(request),
        message_id=request_id(request),
        key=_idempotency_key(request, kind, body),
        if_match=_if_match(request.headers.get("if-match")),
        if_none_match=_if_none_match(request.headers.get("if-none-match")),
    )


def _idempotency_key(request: Request, kind: str, body: object) -> IdempotencyKey | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if len(key) > MAX_KEY_CHARACTERS or not _PRINTABLE.fullmatch(key):
        raise BadRequest(
            f"The Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} printable ASCII characters."
        )
    return IdempotencyKey(key, sha256(kind.encode() + b"\n" + canonical_json(body)).hexdigest())


def _if_match(header: str | None) -> frozenset[int] | None:
    """Return the versions that If-Match names, None when any will do.

    RFC 9110, section 13.1.1: strong comparison.
    """
    if header is None or header.strip() == "*":
        return None
    return _versions(_entity_tags("If-Match", header))


def _if_none_match(header: str | None) -> Container[int]:
    """Return the versions that If-None-Match names.

    RFC 9110, section 13.1.2: a write is refused where it names the present one.
    """
    if header is None:
        return ()
    return _ANY_VERSION if header.strip() == "*" else _versions(_weak_tags(header))


def _versions(tags: Iterable[str]) -> frozenset[int]:
    return frozenset(int(tag[1:-1]) for tag in tags if _VERSION.fullmatch(tag[1:-1]))


def none_match_has(request: Request, etag: str) -> bool:
    """Return whether If-None-Match names ``etag``. Raises BadRequest."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return header.strip() == "*" or etag in _weak_tags(header)


def _weak_tags(header: str) -> list[str]:
    """Return the entity tags of If-None-Match, for the weak comparison of RFC 9110, 13.1.2."""
    return [tag.removeprefix("W/") for tag in _entity_tags("If-None-Match", header)]


def _entity_tags(name: str, header: str) -> list[str]:
    if not _ENTITY_TAGS.fullmatch(header):
        raise BadRequest(f'{name} must be * or a list of entity tags such as "3".')
    return re.findall(_ENTITY_TAG, header)


def parameters(request: Request, allowed: frozenset[str]) -> Mapping[str, str]:
    """Return the query parameters. Raises BadRequest for an unknown, a repeated or an empty one."""
    given = (
        {name: request.query_params.getlist(name) for name in request.query_params}
        if request.query_params
        else {}
    )
    for name, values in given.items():
        if name not in allowed:
            raise BadRequest(
                f"There is no parameter {name[:40]!r} here; there are {', '.join(sorted(allowed))}."
            )
        if len(values) != 1 or not values[0].strip():
            raise BadRequest(f"The parameter {name} must be given once, with a value.")
    return {name: values[0] for name, values in given.items()}


def whole_number(
    values: Mapping[str, str], name: str, default: int, minimum: int, maximum: int
) -> int:
    """Return a parameter as a number from ``minimum`` to ``maximum``. Raises BadRequest."""
    text = values.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or not minimum <= int(text) <= maximum:
        raise BadRequest(
            f"The parameter {name} must be a whole number from {minimum} to {maximum}."
        )
    return int(text)
