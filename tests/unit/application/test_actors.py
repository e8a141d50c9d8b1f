"""What events keep of whoever sent a command."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.application.errors import KeyReused
from core.application.pseudonyms import pseudonym
from core.application.requests import NOBODY, Actor, ActorName, nobody, subject_of
from tests.support.desk import ANN, BOB, Desk
from tests.support.example import EMMA

KEY = b"k" * 32
DIGEST: ActorName = partial(pseudonym, KEY)
KEPT = {"subject": subject_of, "digest": DIGEST, "none": nobody}
ACTORS = st.builds(Actor, st.text(), st.text(min_size=1))


@pytest.mark.parametrize(
    ("kept", "actor"),
    [
        (subject_of, "ann"),
        # HMAC-SHA-256 under KEY of ["https://issuer.test", "ann"], by OpenSSL.
        (DIGEST, "hmac:a176f393188277257a29fe97fa00ed89"),
        (nobody, NOBODY),
    ],
)
def test_an_event_keeps_of_its_actor_what_was_chosen(kept: ActorName, actor: str) -> None:
    desk = Desk(actor_name=kept)
    [event] = desk.events(desk.add().id)
    assert event.actor == actor


@given(ACTORS, ACTORS, st.binary(min_size=32), st.binary(min_size=32))
def test_a_pseudonym_is_the_same_for_the_same_actor_and_key_alone(
    one: Actor, other: Actor, key: bytes, another: bytes
) -> None:
    assert pseudonym(key, one) == pseudonym(key, Actor(*one))
    assert (pseudonym(key, one) == pseudonym(key, other)) == (one == other)
    assert (pseudonym(key, one) == pseudonym(another, one)) == (key == another)


@pytest.mark.parametrize("before", KEPT)
@pytest.mark.parametrize("after", KEPT)
def test_keys_replay_and_stay_their_callers_when_something_else_is_kept(
    before: str, after: str
) -> None:
    desk = Desk(actor_name=KEPT[before])
    added = desk.add(EMMA, "key-1")
    revised = desk.revise(added.id, {"title": "E"}, "key-2")
    desk.actor_name = KEPT[after]

    assert desk.add(EMMA, "key-1") == added._replace(replayed=True)
    assert desk.revise(added.id, {"title": "E"}, "key-2") == revised._replace(replayed=True)
    with pytest.raises(KeyReused):
        desk.revise(added.id, {"title": "F"}, "key-2")
    assert desk.add(EMMA, "key-1", BOB).id != added.id
    assert desk.revise(added.id, {"title": "E"}, "key-2", actor=BOB).replayed is False


def test_what_is_kept_is_all_that_differs_between_the_events() -> None:
    kept = []
    for name in KEPT.values():
        desk = Desk(actor_name=name)
        kept += [event._replace(actor="") for event in desk.events(desk.add(EMMA, "k", ANN).id)]
    assert kept == [kept[0]] * 3
