"""The schemas of bodies and the domain's rules agree.

They can only agree on texts in the form in which they are stored (``core.ports.plain_text.clean``).
``UNSAID`` names the fields with rules that no schema says.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.manifest import BOOKS
from core.domain.rules import BookInput, parse_details, patch_details
from core.ports.plain_text import clean
from core.ports.records import shown_data
from core.ports.refusals import InvalidInput
from tests.support.documented import Documentation, committed
from tests.support.example import EMMA, UNSAID
from tests.support.json_strategies import values

COMMITTED = committed()
DOCUMENTATION = Documentation(COMMITTED)
BODY = COMMITTED["components"]["schemas"]["BookInput"]
PATCH = COMMITTED["components"]["schemas"]["BookPatch"]
FIELDS = BODY["properties"]
JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=1),
)
"""Values of all types, most of which no rule allows."""


def refused(body: object) -> set[str]:
    """Return the fields that the rules refuse in a body."""
    try:
        parse_details(body)
    except InvalidInput as refusal:
        return {error.pointer.split("/")[1] if error.pointer else "" for error in refusal.errors}
    return set()


def stored(value: Any) -> Any:
    """Return ``value`` with all texts in it in the form in which they are stored."""
    if isinstance(value, list):
        return [stored(part) for part in value]
    if isinstance(value, dict):
        return {name: stored(part) for name, part in value.items()}
    return clean(value) if isinstance(value, str) else value


@given(values(BODY).map(stored))
def test_what_the_schema_of_a_new_book_describes_the_rules_accept(body: dict[str, Any]) -> None:
    assume(DOCUMENTATION.errors(BODY, body) == [])
    assert refused(body) <= UNSAID


@given(st.sampled_from(sorted(FIELDS.keys() - UNSAID)), st.data())
def test_a_field_is_accepted_exactly_as_its_schema_says(field: str, data: st.DataObject) -> None:
    value = stored(data.draw(st.one_of(values(FIELDS[field]), JSON)))
    is_documented = DOCUMENTATION.errors(FIELDS[field], value) == []
    assert is_documented == (field not in refused({**EMMA, field: value}))


def at_the_limits() -> Iterator[tuple[str, Any]]:
    for field in sorted(FIELDS.keys() - UNSAID):
        schema = FIELDS[field]
        for length in (schema.get("maxLength", 0), schema.get("maxLength", 0) + 1):
            yield field, "x" * length
        items = schema.get("items", {})
        for length in (items.get("maxLength", 0), items.get("maxLength", 0) + 1):
            yield field, ["x" * length]
        for count in (schema.get("maxItems", 0), schema.get("maxItems", 0) + 1):
            yield field, [str(number) for number in range(count)]
        for limit in (schema[name] for name in ("minimum", "maximum") if name in schema):
            yield from ((field, number) for number in (limit - 1, limit, limit + 1))


@pytest.mark.parametrize(
    ("field", "value"), [pytest.param(*p, id=f"{p[0]}-{n}") for n, p in enumerate(at_the_limits())]
)
def test_a_schema_has_the_limits_of_the_rules(field: str, value: Any) -> None:
    is_documented = DOCUMENTATION.errors(FIELDS[field], value) == []
    assert is_documented == (field not in refused({**EMMA, field: value}))


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=3), st.none()))
def test_null_clears_the_fields_that_the_schema_of_a_patch_says(patch: dict[str, None]) -> None:
    is_documented = DOCUMENTATION.errors(PATCH, patch) == []
    before = parse_details(EMMA)
    if is_documented:
        patch_details(before, patch)
    else:
        with pytest.raises(InvalidInput):
            patch_details(before, patch)


@pytest.mark.parametrize("field", [n for n, f in BookInput.model_fields.items() if f.is_required()])
def test_a_required_field_is_required(field: str) -> None:
    body = {name: value for name, value in EMMA.items() if name != field}
    assert DOCUMENTATION.errors(BODY, body) != []
    assert refused(body) == {field}


@given(values(BODY))
def test_what_is_stored_of_an_accepted_body_is_as_the_schema_of_the_view_says(
    body: dict[str, Any],
) -> None:
    kept = {name: value for name, value in body.items() if name not in refused(body)}
    details = parse_details({**EMMA, **kept})
    shown = shown_data(details)
    schema = COMMITTED["components"]["schemas"][BOOKS.noun.capitalize()]
    described = {"type": "object", "properties": schema["properties"]}
    assert DOCUMENTATION.errors(described, shown) == []


@pytest.mark.parametrize("schema", [BODY, PATCH], ids=["a new body", "a patch"])
def test_a_field_that_no_rule_knows_is_refused(schema: dict[str, Any]) -> None:
    assert schema["additionalProperties"] is False
    assert refused({**EMMA, "unknown": "x"}) == {"unknown"}
