"""Input: from a request's parsed JSON to a pydantic model, with every error at once."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from core.ports.refusals import FieldError, InvalidInput

M = TypeVar("M", bound=BaseModel)

_NOT_AN_OBJECT: Final = "must be an object"
_MESSAGES: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
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
        details = error.errors(include_url=False, include_input=False)
        raise InvalidInput(noun, tuple(map(_field_error, details))) from error


def without_nulls(model: type[BaseModel], payload: object) -> object:
    """Return ``payload`` without the fields of ``model`` that are null: null is their absence.

    A null under an unknown name stays, so that it is refused like any other unknown field.
    """
    if not isinstance(payload, Mapping):
        return payload
    known = model.model_fields
    return {n: value for n, value in payload.items() if value is not None or n not in known}


def merge_patch(target: BaseModel, patch: object, noun: str) -> dict[str, Any]:
    """Return the fields of ``target`` changed by a JSON Merge Patch (RFC 7396), not yet checked.

    ``target`` has no nested objects. Raises InvalidInput for a patch that is not an object.
    """
    if not isinstance(patch, Mapping):
        raise InvalidInput(noun, (FieldError("", _NOT_AN_OBJECT),))
    return {**target.model_dump(), **patch}


def _field_error(error: Any) -> FieldError:
    pointer = "".join(f"/{_escaped(part)}" for part in error["loc"])
    if error["type"] == "value_error":
        return FieldError(pointer, str(error["ctx"]["error"]))
    return FieldError(pointer, _MESSAGES.get(error["type"], error["msg"]))


def _escaped(part: str | int) -> str:
    """Return a reference token of a JSON Pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")
