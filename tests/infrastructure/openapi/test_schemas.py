"""Where no problem is found between two schemas, data of the one are data of the other."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from make.openapi.schemas import Direction, problems

Schema = dict[str, Any]
Pair = tuple[Schema, Schema]

NAMES = st.sampled_from(["a", "b"])
SCALARS = st.sampled_from([None, False, True, 0, 1, 2, 1.5, "", "x", "xy"])
ARRAYS = st.lists(SCALARS, max_size=3)
DATA = SCALARS | ARRAYS | st.dictionaries(NAMES, SCALARS | ARRAYS, max_size=2)
SMALL = st.integers(0, 2)


def optional(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    return st.fixed_dictionaries({}, optional=keywords)


TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
SIMPLE = st.one_of(
    optional(type=TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True)),
    optional(enum=st.lists(SCALARS, min_size=1, max_size=3)),
    optional(const=SCALARS),
    optional(minimum=SMALL, maximum=SMALL, exclusiveMinimum=SMALL, exclusiveMaximum=SMALL),
    optional(minLength=SMALL, maxLength=SMALL, pattern=st.sampled_from(["^x", "y$"])),
)


def same_shape(pairs: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    several = st.lists(pairs, min_size=1, max_size=2)
    members = st.dictionaries(NAMES, pairs, max_size=2)
    array = optional(minItems=SMALL, maxItems=SMALL)
    # Closed: of other members the comparison says nothing.
    required = optional(required=st.lists(NAMES, max_size=2, unique=True))
    closed = required.map(lambda schema: {**schema, "additionalProperties": False})
    return st.one_of(
        st.builds(both(lambda of, part: {**of, "items": part}), beside(array), pairs),
        st.builds(
            both(lambda of, parts: {**of, "properties": parts}), beside(closed), by_name(members)
        ),
        st.builds(both(lambda of, parts: {**of, "allOf": parts}), beside(SIMPLE), listed(several)),
        st.builds(both(lambda of, parts: {**of, "anyOf": parts}), beside(SIMPLE), listed(several)),
    )


def both(make: Callable[[Schema, Any], Schema]) -> Callable[[Pair, tuple[Any, Any]], Pair]:
    return lambda of, parts: (make(of[0], parts[0]), make(of[1], parts[1]))


def listed(several: st.SearchStrategy[list[Pair]]) -> st.SearchStrategy[tuple[Any, Any]]:
    return several.map(lambda pairs: ([p[0] for p in pairs], [p[1] for p in pairs]))


def by_name(members: st.SearchStrategy[dict[str, Pair]]) -> st.SearchStrategy[tuple[Any, Any]]:
    return members.map(
        lambda pairs: ({n: p[0] for n, p in pairs.items()}, {n: p[1] for n, p in pairs.items()})
    )


def beside(schemas: st.SearchStrategy[Schema]) -> st.SearchStrategy[Pair]:
    """Pair a schema with itself, with one of which it has more, or with any other."""
    return st.one_of(
        schemas.map(lambda schema: (schema, schema)),
        st.builds(lambda schema, more: ({**more, **schema}, schema), schemas, schemas),
        st.tuples(schemas, schemas),
    )


PAIRS = st.recursive(beside(SIMPLE), same_shape, max_leaves=4)
SCHEMAS = PAIRS.map(lambda pair: pair[0])


@given(PAIRS, st.lists(DATA, min_size=5, max_size=20))
@settings(max_examples=200)
def test_what_has_no_problems_is_compatible(pair: Pair, data: list[Any]) -> None:
    sent, taken = pair
    assume(not problems(sent, taken, Direction.REQUEST))
    of_sent, of_taken = jsonschema_rs.validator_for(sent), jsonschema_rs.validator_for(taken)
    instances = [value for value in data if of_sent.is_valid(value)]
    assert [value for value in instances if not of_taken.is_valid(value)] == []


@given(SCHEMAS, SCHEMAS)
def test_a_schema_is_compatible_with_itself_and_with_a_wider_one(
    schema: Schema, other: Schema
) -> None:
    assert problems(schema, schema, Direction.REQUEST) == []
    assert problems(schema, {"anyOf": [other, schema]}, Direction.REQUEST) == []
    assert problems({"allOf": [other, schema]}, schema, Direction.RESPONSE) == []
