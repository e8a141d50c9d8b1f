"""Records and their JSON data. Pydantic is the oracle, both ways, and for what is refused."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import FrozenInstanceError, dataclass, field, make_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from core.ports.json_schema import JsonSchema
from core.ports.records import changed, check_record, from_data, shown_data, to_data


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    unit: Literal["mm", "in"] = "mm"


@dataclass(frozen=True, slots=True)
class Parcel:
    label: Annotated[str, JsonSchema({"type": "string", "pattern": "^[a-z]*$"})]
    size: Size
    notes: tuple[str | int, ...] = ()
    sent: date | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    is_open: bool = False
    KIND: ClassVar = "parcel"


SENT = date(2024, 5, 31)
FULL = Parcel("a", Size(2, "in"), ("b", 3), SENT, {"x": 1.5}, is_open=True)
FULL_DATA = {
    "label": "a",
    "size": {"width": 2, "unit": "in"},
    "notes": ["b", 3],
    "sent": "2024-05-31",
    "rates": {"x": 1.5},
    "is_open": True,
}


# --- to data --------------------------------------------------------------------------------------


def test_fields_at_their_defaults_are_left_out_of_data_at_every_depth() -> None:
    assert to_data(FULL) == FULL_DATA
    assert to_data(Parcel("a", Size(2))) == {"label": "a", "size": {"width": 2}}


def test_what_is_shown_has_defaults_and_no_none() -> None:
    assert shown_data(Parcel("a", Size(2))) == {
        "label": "a",
        "size": {"width": 2, "unit": "mm"},
        "notes": [],
        "rates": {},
        "is_open": False,
    }


@pytest.mark.parametrize("value", [b"", {1}, 1j, datetime.now])
def test_a_value_that_json_does_not_have_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=f"cannot be of {type(value)}"):
        to_data(Parcel(value, Size(1)))


def test_a_change_gives_another_record() -> None:
    assert changed(FULL, {"label": "b", "sent": None}) == Parcel(
        "b", Size(2, "in"), ("b", 3), None, {"x": 1.5}, is_open=True
    )
    with pytest.raises(TypeError):
        changed(FULL, {"unknown": 1})
    with pytest.raises(FrozenInstanceError):
        FULL.label = "b"  # type: ignore[misc]


# --- from data ------------------------------------------------------------------------------------


def test_a_record_is_read_from_its_data() -> None:
    assert from_data(Parcel, FULL_DATA) == FULL
    assert from_data(Parcel, {"label": "a", "size": {"width": 2}}) == Parcel("a", Size(2))


@pytest.mark.parametrize("text", ["2024-05-31T12:00:00Z", "2024-05-31T12:00:00+00:00"])
def test_a_moment_in_utc_is_read_in_either_form(text: str) -> None:
    @dataclass(frozen=True, slots=True)
    class Seen:
        at: datetime

    assert from_data(Seen, {"at": text}) == Seen(datetime(2024, 5, 31, 12, tzinfo=UTC))


def test_members_that_are_no_fields_are_ignored() -> None:
    assert from_data(Size, {"width": 2, "KIND": 1, "depth": 3}) == Size(2)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (None, "Parcel cannot be of <class 'NoneType'>"),
        ([], "Parcel cannot be of <class 'list'>"),
        ({}, "Parcel/label is missing"),
        ({**FULL_DATA, "size": {}}, "Parcel/size/width is missing"),
        ({**FULL_DATA, "label": 41}, "Parcel/label cannot be of <class 'int'>"),
        ({**FULL_DATA, "is_open": 41}, "Parcel/is_open cannot be of <class 'int'>"),
        ({**FULL_DATA, "size": {"width": True}}, "Parcel/size/width cannot be of <class 'bool'>"),
        ({**FULL_DATA, "size": {"width": 1.0}}, "Parcel/size/width cannot be of <class 'float'>"),
        (
            {**FULL_DATA, "size": {"width": 1, "unit": "41"}},
            "Parcel/size/unit is not one of ('mm', 'in')",
        ),
        ({**FULL_DATA, "notes": ["41", {}]}, "Parcel/notes/1 cannot be of <class 'dict'>"),
        ({**FULL_DATA, "notes": "41"}, "Parcel/notes cannot be of <class 'str'>"),
        ({**FULL_DATA, "sent": "41"}, "Parcel/sent is not a date in ISO 8601"),
        ({**FULL_DATA, "rates": {"x": "41"}}, "Parcel/rates/x cannot be of <class 'str'>"),
    ],
)
def test_an_error_says_where_and_nothing_of_the_content(data: Any, path: str) -> None:
    with pytest.raises(ValueError, match="Parcel") as refused:
        from_data(Parcel, data)
    assert str(refused.value) == path
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_schema_is_that_of_what_is_shown_and_not_of_what_is_read() -> None:
    adapter = TypeAdapter(Parcel)
    shown = adapter.json_schema(mode="serialization")["properties"]["label"]
    read = adapter.json_schema(mode="validation")["properties"]["label"]
    assert (shown["pattern"], "pattern" in read) == ("^[a-z]*$", False)


# --- the declaration ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hint",
    [
        Any,
        object,
        bytes,
        list[str],
        dict[str, str],
        tuple,
        tuple[str, int],
        tuple[bytes, ...],
        Mapping[int, str],
        Mapping[str, bytes],
        Literal[b"x"],
        str | date,
        int | float,
        Size | Mapping[str, int],
        str | bytes,
        BaseException,
    ],
)
def test_a_type_that_is_not_supported_is_an_error_of_the_declaration(hint: Any) -> None:
    with pytest.raises(TypeError):
        check_record(make_dataclass("Bad", [("field", hint)]))
    with pytest.raises(TypeError):
        check_record(make_dataclass("Outer", [("inner", make_dataclass("Bad", [("field", hint)]))]))


def test_a_class_that_is_no_dataclass_is_an_error_of_the_declaration() -> None:
    with pytest.raises(TypeError, match="is not a dataclass"):
        check_record(int)


# --- pydantic as the oracle -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Everything:
    """All types that are supported, in each other."""

    text: str
    integer: int | None
    number: float
    choice: Literal["a", 1, True, None]
    size: Size
    sizes: tuple[Size | str | None, ...] = ()
    by_name: Mapping[str, tuple[date, ...]] | tuple[float, ...] = ()
    changes: Mapping[str, str | tuple[str, ...] | None] = field(default_factory=dict)
    flag: bool = True
    at: datetime | bool | None = None


ORACLE = TypeAdapter(Everything)
numbers = st.floats(allow_nan=False, allow_infinity=False)
sizes = st.builds(Size, st.integers(), st.sampled_from(["mm", "in"]))
# Not UTC, which pydantic writes as Z: both forms are read.
zones = st.none() | st.builds(timezone, st.integers(1, 90).map(lambda n: timedelta(minutes=n)))
records = st.builds(
    Everything,
    text=st.text(),
    integer=st.none() | st.integers(),
    number=numbers,
    choice=st.sampled_from(["a", 1, True, None]),
    size=sizes,
    sizes=st.lists(st.none() | st.text() | sizes, max_size=3).map(tuple),
    by_name=st.dictionaries(st.text(), st.lists(st.dates(), max_size=2).map(tuple), max_size=2)
    | st.lists(numbers, max_size=2).map(tuple),
    changes=st.dictionaries(
        st.text(), st.none() | st.text() | st.lists(st.text()).map(tuple), max_size=2
    ),
    flag=st.booleans(),
    at=st.none() | st.booleans() | st.datetimes(timezones=zones),
)
json_values = st.recursive(
    st.sampled_from([None, True, 0, 1, -2.5, 2.0, "", "a", "2024-05-31", "2024-05-31T12:00:00Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


@st.composite
def damaged(draw: st.DrawFn, data: Any) -> Any:
    """Draw ``data`` with another value somewhere in it, or with a member less."""
    keys: Sequence[Any] = ()
    if isinstance(data, dict | list):
        keys = list(data) if isinstance(data, dict) else range(len(data))
    how = draw(st.sampled_from(["inside", "inside", "other", "less"])) if keys else "other"
    if how == "other":
        return draw(json_values)
    other, key = copy(data), draw(st.sampled_from(keys))
    if how == "less":
        del other[key]
    else:
        other[key] = draw(damaged(data[key]))
    return other


@given(records)
def test_data_is_as_pydantic_dumps_it(record: Everything) -> None:
    theirs = ORACLE.dump_python(record, mode="json", exclude_defaults=True)
    assert to_data(record) == theirs


@given(records)
def test_what_is_shown_is_as_pydantic_dumps_it(record: Everything) -> None:
    assert shown_data(record) == ORACLE.dump_python(record, mode="json", exclude_none=True)


@given(records)
def test_a_record_survives_its_json(record: Everything) -> None:
    theirs = ORACLE.dump_json(record)
    assert from_data(Everything, json.loads(json.dumps(to_data(record)))) == record
    assert from_data(Everything, json.loads(theirs)) == record


@given(st.data())
def test_data_is_read_or_refused_as_pydantic_does_strictly(data: st.DataObject) -> None:
    stored = to_data(data.draw(records))
    text = json.dumps(data.draw(damaged(stored)))
    assert outcome(lambda: from_data(Everything, json.loads(text))) == outcome(
        lambda: ORACLE.validate_json(text, strict=True)
    )


def outcome(read: Callable[[], Everything]) -> Everything | None:
    """Return what is read, None if it is refused."""
    try:
        return read()
    except ValueError:
        return None
