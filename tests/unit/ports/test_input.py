"""Input: from parsed JSON to a model, with every error at once."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, StrictStr

from core.ports.input import merge_patch, parse_input, without_nulls
from core.ports.refusals import InvalidInput


def lowercase(text: str) -> str:
    if text != text.lower():
        raise ValueError("must be lowercase")
    return text


class Parcel(BaseModel, extra="forbid"):
    label: Annotated[StrictStr, AfterValidator(lowercase)]
    notes: tuple[StrictStr, ...] = ()
    weight: int | None = None


def errors_of(payload: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        parse_input(Parcel, payload, "parcel")
    assert refused.value.noun == "parcel"
    return {error.pointer: error.message for error in refused.value.errors}


def test_input_is_returned_as_the_model() -> None:
    parsed = parse_input(Parcel, {"label": "a", "notes": ["b"]}, "parcel")
    assert parsed == Parcel(label="a", notes=("b",))


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
    assert without_nulls(Parcel, payload) == {"notes": ["b"], "x": None}


@pytest.mark.parametrize("payload", [None, [], "text", 7])
def test_what_is_no_object_keeps_its_value(payload: object) -> None:
    assert without_nulls(Parcel, payload) is payload


def test_a_patch_replaces_what_it_names() -> None:
    patched = merge_patch(Parcel(label="a", weight=1), {"weight": None, "x": 2}, "parcel")
    assert patched == {"label": "a", "notes": (), "weight": None, "x": 2}


@pytest.mark.parametrize("patch", [None, [], "text", 7])
def test_a_patch_that_is_no_object_is_refused(patch: Any) -> None:
    with pytest.raises(InvalidInput, match="must be an object"):
        merge_patch(Parcel(label="a"), patch, "parcel")


@given(st.builds(Parcel, label=st.text().map(str.lower), weight=st.none() | st.integers()))
def test_a_patch_with_the_whole_target_changes_nothing(parcel: Parcel) -> None:
    assert Parcel.model_validate(merge_patch(parcel, parcel.model_dump(), "parcel")) == parcel


@given(st.text(), st.text())
def test_patching_twice_with_one_patch_is_patching_once(label: str, note: str) -> None:
    patch = {"label": label.lower(), "notes": (note,)}
    once = Parcel.model_validate(merge_patch(Parcel(label="a"), patch, "parcel"))
    assert Parcel.model_validate(merge_patch(once, patch, "parcel")) == once
