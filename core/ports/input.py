"""Input: from a request's parsed JSON to a pydantic model, with every error at once."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from core.ports.records import Record, changed
from core.ports.refusals import FieldError, InvalidInput

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T", bound=Record)

_NOT_AN_OBJECT: Final = "must be an object"
_UNKNOWN: Final = "is not a known field"
_MESSAGES: Final = {
    "missing": "is required",
    "extra_forbidden": _UNKNOWN,
    "no_such_attribute": _UNKNOWN,
    "string_type": "must be a string",
    "tuple_type": "must be a list",
    "model_type": _NOT_AN_OBJECT,
}
"""By pydantic's type of error. What a model's own validators say comes from their ValueError."""


def parse_input(model: type[M], payload: object, noun: str) -> M:
    """Return ``payload``, parsed JSON, as a ``model``. Raises InvalidInput with all errors.

    ``noun`` is what the domain calls the thing that the input describes.
    """
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise InvalidInput(noun, _field_errors(error)) from error


def without_nulls(model: type[BaseModel], payload: object) -> object:
    """Return ``payload`` without the fields of ``model`` that are null: null is their absence.

    A null under an unknown name stays, so that it is refused like any other unknown field.
    """
    if not isinstance(payload, Mapping) or None not in payload.values():
        return payload
    known = model.model_fields
    return {n: value for n, value in payload.items() if value is not None or n not in known}


def parse_patch(model: type[BaseModel], target: T, patch: object, noun: str) -> T:
    """Return ``target`` changed by ``patch``, parsed JSON: a JSON Merge Patch (RFC 7396).

    ``target``, a record, has the fields of ``model``, and no objects in them. Only the fields that
    ``patch`` names are checked, by ``model``; the others stay as they are, whatever rules have come
    since.
    Raises InvalidInput with all errors.
    """
    if not isinstance(patch, Mapping):
        raise InvalidInput(noun, (FieldError("", _NOT_AN_OBJECT),))
    draft = model.model_construct(**{f.name: getattr(target, f.name) for f in fields(target)})
    known = [name for name in model.model_fields if name in patch]
    errors = [e for name in dict.fromkeys([*known, *patch]) for e in _set(draft, name, patch[name])]
    if errors:
        raise InvalidInput(noun, tuple(errors))
    return changed(target, {name: getattr(draft, name) for name in known})


def _set(draft: BaseModel, name: str, value: object) -> tuple[FieldError, ...]:
    """Set a field of ``draft``, which null resets, and return what is wrong with the value."""
    model = type(draft)
    if value is None and name in model.model_fields:
        field = model.model_fields[name]
        if field.is_required():
            return (FieldError(_pointer((name,)), _MESSAGES["missing"]),)
        setattr(draft, name, field.get_default(call_default_factory=True))
        return ()
    try:
        model.__pydantic_validator__.validate_assignment(draft, name, value)
    except ValidationError as error:
        return _field_errors(error)
    return ()


def _field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    return tuple(map(_field_error, error.errors(include_url=False, include_input=False)))


def _field_error(error: Any) -> FieldError:
    pointer = _pointer(error["loc"])
    if error["type"] == "value_error":
        return FieldError(pointer, str(error["ctx"]["error"]))
    return FieldError(pointer, _MESSAGES.get(error["type"], error["msg"]))


def _pointer(location: Iterable[str | int]) -> str:
    """Return a JSON Pointer (RFC 6901)."""
    return "".join(f"/{_escaped(part)}" for part in location)


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
