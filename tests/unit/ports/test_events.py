"""The codec: events by the names under which they are stored, in every schema version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from core.ports.errors import UnknownEvent
from core.ports.events import (
    NOTHING_CHANGED,
    EventCodec,
    EventType,
    NothingChanged,
    StoredEvent,
    unchanged,
)


@dataclass(frozen=True, slots=True)
class Opened:
    owner: str
    currency: str = "EUR"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    pass


@dataclass(frozen=True, slots=True)
class Burnt:
    pass


AccountEvent = Opened | Closed


def names_to_holder(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lift ``Opened`` from version 1 to 2."""
    return {"holder": data["first"] + " " + data["last"]}


def holder_to_owner(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lift ``Opened`` from version 2 to 3."""
    return {"owner": data["holder"]}


ACCOUNTS: EventCodec[AccountEvent] = EventCodec(
    get_args(AccountEvent),
    {
        "Opened": EventType(Opened, names_to_holder, holder_to_owner),
        "Closed": EventType(Closed),
    },
)
FIRES: EventCodec[Burnt] = EventCodec([Burnt], {"Burnt": EventType(Burnt)})


# --- the declaration ------------------------------------------------------------------------------


def test_an_event_without_a_declaration_is_an_error() -> None:
    with pytest.raises(TypeError, match="must be declared, once"):
        EventCodec(get_args(AccountEvent), {"Opened": EventType(Opened)})


def test_a_declaration_of_a_class_outside_the_union_is_an_error() -> None:
    types: dict[str, EventType[Any]] = {"Opened": EventType(Opened), "Burnt": EventType(Burnt)}

    with pytest.raises(TypeError, match="must be declared, once"):
        EventCodec([Opened], types)


def test_an_event_declared_under_two_names_is_an_error() -> None:
    types: dict[str, EventType[Any]] = {
        "Opened": EventType(Opened),
        "Closed": EventType(Closed),
        "Shut": EventType(Closed),
    }

    with pytest.raises(TypeError, match="must be declared, once"):
        EventCodec(get_args(AccountEvent), types)


def test_the_name_of_the_engines_own_record_is_reserved() -> None:
    with pytest.raises(TypeError, match="NothingChanged is the engine's own"):
        EventCodec([Closed], {"NothingChanged": EventType(Closed)})


def test_the_schema_version_is_one_more_than_the_number_of_upcasters() -> None:
    assert EventType(Closed).schema_version == 1
    assert EventType(Opened, names_to_holder, holder_to_owner).schema_version == 3


def test_a_later_change_to_the_declared_types_does_not_change_the_codec() -> None:
    types = {"Closed": EventType(Closed)}
    codec = EventCodec([Closed], types)
    types.clear()

    assert codec.decode("Closed", 1, {}) == Closed()


# --- owns -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "owned"),
    [
        (Opened(owner="Ann"), True),
        (Closed(), True),
        (Burnt(), False),
        (NothingChanged(), False),
        (Opened, False),
        (None, False),
    ],
)
def test_a_codec_owns_the_events_of_its_union_alone(event: object, owned: bool) -> None:
    assert ACCOUNTS.owns(event) is owned


def test_a_codec_does_not_own_events_of_a_subclass() -> None:
    class Reopened(Opened):
        pass

    assert not ACCOUNTS.owns(Reopened(owner="Ann"))


# --- encode and decode ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        Opened(owner="Ann"),
        Opened(owner="Ann", currency="USD", tags=("a", "b")),
        Closed(),
        NothingChanged(),
    ],
)
def test_an_encoded_event_decodes_to_itself(event: AccountEvent | NothingChanged) -> None:
    assert ACCOUNTS.decode(*ACCOUNTS.encode(event)) == event


def test_an_event_is_encoded_in_its_newest_schema_version() -> None:
    assert ACCOUNTS.encode(Opened(owner="Ann", currency="USD", tags=("a",))) == StoredEvent(
        "Opened", 3, {"owner": "Ann", "currency": "USD", "tags": ["a"]}
    )
    assert ACCOUNTS.encode(Closed()) == StoredEvent("Closed", 1, {})


def test_fields_with_their_default_values_are_left_out() -> None:
    assert ACCOUNTS.encode(Opened(owner="Ann", currency="EUR", tags=())).data == {"owner": "Ann"}


def test_a_record_that_nothing_changed_is_stored_under_the_engines_own_name() -> None:
    assert ACCOUNTS.encode(NothingChanged()) == StoredEvent(NOTHING_CHANGED, 1, {})
    assert ACCOUNTS.decode("NothingChanged", 1, {}) == NothingChanged()


@pytest.mark.parametrize(
    ("schema_version", "data"),
    [(1, {"first": "Ann", "last": "B"}), (2, {"holder": "Ann B"}), (3, {"owner": "Ann B"})],
)
def test_an_event_of_any_schema_version_is_lifted_to_the_newest(
    schema_version: int, data: Mapping[str, Any]
) -> None:
    assert ACCOUNTS.decode("Opened", schema_version, data) == Opened(owner="Ann B")


def test_data_of_the_newest_schema_version_is_not_lifted() -> None:
    with pytest.raises(UnknownEvent):
        ACCOUNTS.decode("Opened", 3, {"holder": "Ann B"})


@pytest.mark.parametrize(
    ("name", "schema_version"),
    [
        ("Burnt", 1),
        ("opened", 1),
        ("", 1),
        ("Opened", 4),
        ("Opened", 0),
        ("Opened", -1),
        ("Closed", 2),
        ("NothingChanged", 2),
        ("NothingChanged", 0),
    ],
)
def test_an_unknown_type_or_schema_version_is_an_unknown_event(
    name: str, schema_version: int
) -> None:
    with pytest.raises(UnknownEvent, match=f"{name} of schema version {schema_version}"):
        ACCOUNTS.decode(name, schema_version, {"owner": "Ann"})


@pytest.mark.parametrize(
    ("schema_version", "data"),
    [
        (1, {}),
        (1, {"first": None, "last": "B"}),
        (2, {"first": "Ann", "last": "B"}),
        (3, {}),
        (3, {"owner": 7}),
        (3, {"owner": "Ann", "tags": "a"}),
        (3, None),
        (3, []),
        (1, None),
        (1, []),
    ],
)
def test_data_of_another_shape_is_an_unknown_event(schema_version: int, data: Any) -> None:
    with pytest.raises(UnknownEvent, match="does not have the shape of one") as refused:
        ACCOUNTS.decode("Opened", schema_version, data)
    assert refused.value.__cause__ is not None


def test_a_version_that_added_an_optional_field_decodes_without_it() -> None:
    codec: EventCodec[Closed] = EventCodec([Closed], {"Closed": EventType(Closed, unchanged)})

    assert codec.encode(Closed()).schema_version == 2
    assert [codec.decode("Closed", version, {}) for version in (1, 2)] == [Closed(), Closed()]


def test_an_event_of_another_codec_cannot_be_encoded() -> None:
    burnt: Any = Burnt()

    with pytest.raises(KeyError):
        ACCOUNTS.encode(burnt)


# --- joined ---------------------------------------------------------------------------------------


def test_a_joined_codec_has_the_events_of_both_domains() -> None:
    both = ACCOUNTS.joined(FIRES)

    for event in (Opened(owner="Ann"), Closed(), Burnt(), NothingChanged()):
        assert both.decode(*both.encode(event)) == event
    assert both.owns(Burnt())
    assert both.owns(Closed())
    assert not both.owns(NothingChanged())


def test_a_joined_codec_stores_events_as_each_codec_does() -> None:
    both = ACCOUNTS.joined(FIRES)

    assert both.encode(Opened(owner="Ann")) == ACCOUNTS.encode(Opened(owner="Ann"))
    assert both.encode(Burnt()) == FIRES.encode(Burnt())
    assert both.decode("Opened", 2, {"holder": "Ann"}) == Opened(owner="Ann")


def test_joining_leaves_both_codecs_as_they_were() -> None:
    ACCOUNTS.joined(FIRES)

    assert not ACCOUNTS.owns(Burnt())
    assert not FIRES.owns(Closed())


def test_domains_that_use_one_name_cannot_be_joined() -> None:
    other = EventCodec([Burnt], {"Closed": EventType(Burnt)})

    with pytest.raises(TypeError, match="both domains store events as Closed"):
        ACCOUNTS.joined(other)


def test_domains_that_use_one_class_cannot_be_joined() -> None:
    other = EventCodec([Closed], {"Shut": EventType(Closed)})

    with pytest.raises(TypeError, match="must be declared, once"):
        ACCOUNTS.joined(other)
