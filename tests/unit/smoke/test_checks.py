"""What the smoke test finds wrong, and that it cleans up."""

import pytest

from apps.smoke.api import Response
from apps.smoke.checks import Failed, check_in_public, check_with_token
from tests.unit.smoke.fake_api import (
    HEALTH,
    THINGS,
    TOKEN,
    FakeApi,
    Fault,
    lost,
    says,
    status,
)

ITEM = f"{THINGS}/item-0"


def test_an_api_that_does_all_passes_and_keeps_nothing() -> None:
    fake = FakeApi()
    assert list(check_in_public(fake.api())) == [
        *(f"healthy: {path}" for path in HEALTH),
        f"listed: {THINGS}",
        "refused with 401: a write without a token",
    ]
    assert list(check_with_token(fake.api(), TOKEN, "key")) == [
        f"written: {ITEM}",
        "repeated: the response is the same",
        "read: version 1",
        "audited: its one event",
        "removed: version 2 is gone",
    ]
    assert fake.log == {"item-0": 2}


def forgotten(right: Response) -> Response:
    """The same response, which is not said to be the first one's."""
    return Response(right.status, {}, right.json)


FAULTS: dict[str, tuple[Fault, str]] = {
    "health": (status(503), f"GET {HEALTH[0]}: 503 instead of 200"),
    "list": (status(500, {"detail": "No\n luck"}), f"GET {THINGS}: 500 instead of 200 (No luck)"),
    "anonymous": (status(201), f"POST {THINGS}: 201 instead of 401"),
    "add": (status(403, {"message": "Forbidden"}), "403 instead of 201 (Forbidden)"),
    "add ": (status(201, {"odd": 1}), "the response has no 'id': is that the API?"),
    "add  ": (lost, "no response"),
    "repeat": (says(id="item-1"), "a repeated write is not recognised"),
    "repeat ": (forgotten, "a repeated write is not recognised"),
    "await": (status(404), f"GET {ITEM}?min_version=1: 404 instead of 200"),
    "read": (says(version=2), f"GET {ITEM}: it is not version 1"),
    "read ": (says(id="another"), f"GET {ITEM}: it is not version 1"),
    "audit": (says(items=[]), "not exactly the one event"),
    "audit ": (status(403), f"GET {ITEM}/history: 403 instead of 200"),
    "remove": (status(500), f"DELETE {ITEM}: 500 instead of 200"),
    "gone": (status(200, {}), f"GET {ITEM}?min_version=2: 200 instead of 404"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported_with_its_request_in_one_line(name: str) -> None:
    fault, expected = FAULTS[name]
    fake = FakeApi({name.strip(): fault})
    with pytest.raises(Failed) as failed:
        [*check_in_public(fake.api()), *check_with_token(fake.api(), TOKEN, "key")]
    assert expected in str(failed.value)
    assert len(str(failed.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["repeat", "await", "read", "audit"])
def test_what_was_written_is_removed_after_a_failure(name: str) -> None:
    fake = FakeApi({name: status(500)})
    with pytest.raises(Failed):
        list(check_with_token(fake.api(), TOKEN, "key"))
    assert fake.left == []
    assert fake.log != {}


def test_what_was_written_is_removed_when_the_test_is_stopped() -> None:
    fake = FakeApi()
    running = check_with_token(fake.api(), TOKEN, "key")
    assert next(running) == f"written: {ITEM}"
    with pytest.raises(KeyboardInterrupt):
        running.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert fake.left == []


def test_what_could_not_be_removed_after_a_failure_is_named() -> None:
    fake = FakeApi({"audit": status(500), "remove": lambda _: Response(503, {}, None)})
    with pytest.raises(Failed) as failed:
        list(check_with_token(fake.api(), TOKEN, "key"))
    assert f"/history: 500 instead of 200; {ITEM} is still there: DELETE" in str(failed.value)


def test_the_view_may_be_behind_for_a_minute() -> None:
    fake = FakeApi(unseen=100)
    list(check_with_token(fake.api(), TOKEN, "key"))
    assert sum(fake.slept) == 50
    with pytest.raises(Failed, match="503 instead of 200"):
        list(check_with_token(FakeApi(unseen=1000).api(), TOKEN, "key"))
