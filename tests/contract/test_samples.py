"""Every sample and every domain keeps its promises.

They are made in ``tests.support.sample`` and ``core.ports.domain``.
"""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ports.decider import Claim, Decider
from core.ports.folding import fold
from core.ports.json_text import compact_json
from core.ports.records import from_data, shown_data, to_data
from core.ports.refusals import Refusal
from tests.support.sample import listings
from tests.support.samples import AnySample
from tests.support.specification import folded
from tests.support.walking import expected

a_sample_for_all_examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def handled(decider: Decider[Any, Any, Any], commands: Sequence[Any]) -> list[Any]:
    """Return the events that ``commands`` cause one after the other. Raises Refusal."""
    events: list[Any] = []
    for command in commands:
        events += decider.decide(folded(decider, events), command)
    return events


def accepted(decider: Decider[Any, Any, Any], commands: Sequence[Any]) -> list[Any]:
    """Return the events that ``commands`` cause one after the other; refused ones cause none."""
    events: list[Any] = []
    for command in commands:
        try:
            events += decider.decide(folded(decider, events), command)
        except Refusal:
            continue
    return events


def claims_after(sample: AnySample, *commands: Any) -> set[Claim]:
    decider = sample.domain.decider
    return set(decider.claims(folded(decider, handled(decider, commands))))


# --- events -------------------------------------------------------------------------------------


@a_sample_for_all_examples
@given(numbers=st.lists(st.integers(2, 9), max_size=6))
def test_later_events_follow_the_first_and_each_other(
    sample: AnySample, numbers: list[int]
) -> None:
    domain = sample.domain
    events = [sample.first, *map(sample.later, numbers)]
    assert domain.view(folded(domain.decider, events)) is not None


def test_later_events_differ_by_their_number(sample: AnySample) -> None:
    domain = sample.domain
    views = [
        domain.view(folded(domain.decider, [sample.first, sample.later(number)]))
        for number in (2, 3, 4)
    ]
    assert all(view not in views[:index] for index, view in enumerate(views))


@pytest.mark.parametrize("later", [0, 2])
def test_nothing_is_visible_after_the_last_event(sample: AnySample, later: int) -> None:
    domain = sample.domain
    events = [sample.first, *map(sample.later, range(later)), sample.last]
    state = folded(domain.decider, events)
    assert domain.view(state) is None
    assert domain.decider.is_terminal(state)


def test_the_initial_state_is_empty(sample: AnySample) -> None:
    domain, decider = sample.domain, sample.domain.decider
    assert domain.view(decider.initial) is None
    assert not decider.is_terminal(decider.initial)
    assert list(decider.claims(decider.initial)) == []


@a_sample_for_all_examples
@given(data=st.data())
def test_every_event_is_decoded_as_it_was_encoded(sample: AnySample, data: st.DataObject) -> None:
    events, decider = sample.domain.events, sample.domain.decider
    decided = accepted(decider, data.draw(st.lists(sample.commands, max_size=20)))
    for event in (sample.first, sample.later(2), sample.last, *decided):
        assert events.owns(event)
        assert events.decode(*events.encode(event)) == event


# --- commands -----------------------------------------------------------------------------------


def test_create_and_rival_need_one_claim(sample: AnySample) -> None:
    assert claims_after(sample, sample.create) & claims_after(sample, sample.rival)


def test_every_kind_of_claim_has_a_label(sample: AnySample) -> None:
    kinds = {claim.kind for claim in claims_after(sample, sample.create)}
    assert kinds <= set(sample.domain.claim_labels)


def test_changes_can_be_made_one_after_another(sample: AnySample) -> None:
    decider = sample.domain.decider
    commands = [sample.create, sample.change(1), sample.change(2), sample.change(3)]
    counts = [len(handled(decider, commands[:end])) for end in range(5)]
    assert counts == sorted(set(counts))


def test_same_changes_nothing_after_create(sample: AnySample) -> None:
    decider = sample.domain.decider
    assert handled(decider, [sample.create, sample.same]) == handled(decider, [sample.create])


@pytest.mark.parametrize("changes", [0, 3])
def test_end_leaves_nothing_and_releases_the_claim(sample: AnySample, changes: int) -> None:
    domain, decider = sample.domain, sample.domain.decider
    commands = [sample.create, *map(sample.change, range(1, changes + 1)), sample.end]
    assert claims_after(sample, *commands) == set()
    state = folded(decider, handled(decider, commands))
    assert domain.view(state) is None
    assert decider.is_terminal(state)


@a_sample_for_all_examples
@given(data=st.data())
def test_an_invalid_command_is_refused_in_every_state(
    sample: AnySample, data: st.DataObject
) -> None:
    decider = sample.domain.decider
    state = folded(decider, accepted(decider, data.draw(st.lists(sample.commands, max_size=20))))
    with pytest.raises(Refusal):
        decider.decide(state, sample.invalid)


@a_sample_for_all_examples
@given(data=st.data())
def test_a_command_begins_a_stream_or_is_refused(sample: AnySample, data: st.DataObject) -> None:
    decider = sample.domain.decider
    try:
        events = decider.decide(decider.initial, data.draw(sample.commands))
    except Refusal:
        return
    assert events


@a_sample_for_all_examples
@given(data=st.data())
def test_nothing_follows_a_terminal_state(sample: AnySample, data: st.DataObject) -> None:
    domain, decider = sample.domain, sample.domain.decider
    state = folded(decider, [sample.first, sample.last])
    with pytest.raises(Refusal):
        decider.decide(state, data.draw(sample.commands))
    assert domain.view(state) is None
    assert list(decider.claims(state)) == []


# --- views --------------------------------------------------------------------------------------


@a_sample_for_all_examples
@given(data=st.data())
def test_a_view_is_restored_to_a_state_that_shows_it(
    sample: AnySample, data: st.DataObject
) -> None:
    domain = sample.domain
    for details in (data.draw(sample.details), sample.plain):
        assert domain.view(domain.restore(details)) == details


@a_sample_for_all_examples
@given(data=st.data())
def test_a_view_shows_all_of_the_state_that_later_events_need(
    sample: AnySample, data: st.DataObject
) -> None:
    domain = sample.domain
    state = domain.decider.initial
    for event in accepted(domain.decider, data.draw(st.lists(sample.commands, max_size=20))):
        state = domain.decider.evolve(state, event)
        if (view := domain.view(state)) is not None:
            assert domain.restore(view) == state


@a_sample_for_all_examples
@given(data=st.data())
def test_a_view_survives_its_json(sample: AnySample, data: st.DataObject) -> None:
    details = data.draw(sample.details)
    assert type(details) is sample.domain.listing.details
    for stored in (to_data(details), shown_data(details)):
        assert from_data(type(details), json.loads(compact_json(stored))) == details


@a_sample_for_all_examples
@given(data=st.data())
def test_a_drawn_listing_is_one_that_a_client_can_ask_for(
    sample: AnySample, data: st.DataObject
) -> None:
    declaration = sample.domain.listing
    drawn = data.draw(st.lists(sample.details, max_size=4))
    views = [sample.view(f"id-{number}", details=d) for number, d in enumerate(drawn)]
    listing = data.draw(listings(declaration, views))
    assert listing.sort in (None, *declaration.sort_names)
    assert set(listing.filters) <= {f.name for f in declaration.filters}
    folded_texts = [*listing.words, *listing.filters.values()]
    assert folded_texts == [text for text in map(fold, folded_texts) if text]
    assert expected(declaration, views, listing) == [
        declaration.summary(view)
        for view in sorted(
            views, key=lambda v: declaration.position(v, listing), reverse=listing.is_backwards
        )
        if declaration.belongs(view, listing)
    ]
