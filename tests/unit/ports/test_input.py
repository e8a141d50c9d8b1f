"""Input: from parsed JSON to a model, with every error at once."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, StrictStr

from core.ports.input import parse_input, parse_patch, without_nulls
from core.ports.refusals import FieldError, InvalidInput


def lowercase(text: str) -> str:
    if text != text.lower():
        raise ValueError("must be lowercase")
    return text


class ParcelInput(BaseModel, extra="forbid"):
    label: Annotated[StrictStr, AfterValidator(lowercase)]
    notes: tuple[StrictStr, ...] = ()
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    label: str
    notes: tuple[str, ...] = ()
    weight: int | None = None


def errors_of(payload: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_input(ParcelInput, payload, "parcel")
    assert refused.value.noun == "parcel"
    return {error.pointer: error.message for error in refused.value.errors}


def test_input_is_returned_as_the_model() -> None:
    parsed = parse_input(ParcelInput, {"label": "a", "notes": ["b"]}, "parcel")
    assert parsed == ParcelInput(label="a", notes=("b",))


def test_every_bad_field_is_reported_at_once() -> None:
    payload = {"label": "A", "notes": [1, "b", None], "a/b~c": 1}
    assert errors_of(payload) == {
        "/label": "must be lowercase",
        "/notes/0": "must be a string",
        "/notes/2": "must be a string",
        "/a~1b~0c": "is not a known field",
    }


def test_a_missing_field_and_a_list_that_is_none_are_reported() -> None:
    assert errors_of({"notes": "b"}) == {"/label": "is required", "/notes": "must be a list"}


@pytest.mark.parametrize("payload", [None, [], "text", 7, True])
def test_input_that_is_no_object_is_reported_as_a_whole(payload: object) -> None:
    assert errors_of(payload) == {"": "must be an object"}


def test_an_error_without_words_of_ours_has_those_of_pydantic() -> None:
    assert "integer" in errors_of({"label": "a", "weight": "heavy"})["/weight"]


def test_nulls_of_known_fields_are_removed_and_others_stay() -> None:
    payload = {"label": None, "notes": ["b"], "x": None}
    assert without_nulls(ParcelInput, payload) == {"notes": ["b"], "x": None}


@pytest.mark.parametrize("payload", [None, [], "text", 7])
def test_what_is_no_object_keeps_its_value(payload: object) -> None:
    assert without_nulls(ParcelInput, payload) is payload


def patch_errors(patch: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        parse_patch(ParcelInput, Parcel(label="a"), patch, "parcel")
    return [(error.pointer, error.message) for error in refused.value.errors]


def test_a_patch_replaces_what_it_names_and_null_is_the_absence_of_a_field() -> None:
    parcel = Parcel(label="a", notes=("b",), weight=1)
    patched = parse_patch(ParcelInput, parcel, {"weight": None, "notes": ["c"]}, "parcel")
    assert patched == Parcel(label="a", notes=("c",))


def test_every_bad_field_of_a_patch_is_reported_at_once_as_in_other_input() -> None:
    patch = {"a/b~c": 1, "x": None, "weight": "heavy", "notes": [1, "b", None], "label": None}
    number = errors_of({"label": "a", "weight": "heavy"})["/weight"]
    assert patch_errors(patch) == [
        ("/label", "is required"),
        ("/notes/0", "must be a string"),
        ("/notes/2", "must be a string"),
        ("/weight", number),
        ("/a~1b~0c", "is not a known field"),
        ("/x", "is not a known field"),
    ]
    assert patch_errors({"label": "A"}) == [("/label", "must be lowercase")]


@pytest.mark.parametrize("patch", [None, [], "text", 7])
def test_a_patch_that_is_no_object_is_refused(patch: Any) -> None:
    assert patch_errors(patch) == [("", "must be an object")]


def test_a_patch_leaves_alone_what_it_does_not_name_whatever_the_rules_say_today() -> None:
    stored = Parcel(label="STORED", notes=("a",))
    patched = parse_patch(ParcelInput, stored, {"weight": 2}, "parcel")
    assert (patched.label, patched.notes, patched.weight) == ("STORED", ("a",), 2)


def test_a_patch_does_not_change_its_target() -> None:
    parcel = Parcel(label="a")
    parse_patch(ParcelInput, parcel, {"label": "b"}, "parcel")
    assert parcel == Parcel(label="a")


@given(st.builds(Parcel, label=st.text().map(str.lower), weight=st.none() | st.integers()))
def test_a_patch_with_the_whole_target_changes_nothing(parcel: Parcel) -> None:
    assert parse_patch(ParcelInput, parcel, asdict(parcel), "parcel") == parcel


@given(st.text(), st.text())
def test_patching_twice_with_one_patch_is_patching_once(label: str, note: str) -> None:
    patch = {"label": label.lower(), "notes": (note,)}
    once = parse_patch(ParcelInput, Parcel(label="a"), patch, "parcel")
    assert parse_patch(ParcelInput, once, patch, "parcel") == once


json_values = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.text(max_size=3))
patches = st.dictionaries(st.sampled_from(["label", "notes", "weight", "x"]), json_values)


def outcome(parse: Callable[[], Parcel]) -> Parcel | tuple[FieldError, ...]:
    """Return what is parsed, or the errors."""
    try:
        return parse()
    except InvalidInput as refused:
        return refused.errors


@given(patches)
def test_a_patch_is_checked_as_the_whole_would_be(patch: dict[str, Any]) -> None:
    parcel = Parcel(label="a", notes=("b",), weight=1)
    whole = without_nulls(ParcelInput, {**asdict(parcel), **patch})
    patched = outcome(lambda: parse_patch(ParcelInput, parcel, patch, "parcel"))
    assert patched == outcome(lambda: Parcel(**dict(parse_input(ParcelInput, whole, "parcel"))))
