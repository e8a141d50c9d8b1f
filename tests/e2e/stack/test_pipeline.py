"""What the pipeline does beside an apply (see ``test_stack.py``)."""

from collections.abc import Iterator

import pytest

from core.config import PROJECT_NAME
from tests.e2e.stack.deployed import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

ALARM = f"{PROJECT_NAME}-staging-api-5xx"


def test_the_smoke_test_passes_and_leaves_nothing(stack: Stack) -> None:
    api = stack.deployment.output("api_url").partition("//")[2].partition(".")[0]
    # The emulator's other name of an API, since none of its host names can be resolved.
    url = f"http://{stack.emulator.address}/_aws/execute-api/{api}/$$default"
    said = stack.deployment.make("smoke", f"URL={url}", f"JWT_ISSUER={stack.identity.issuer}")
    assert "All is well" in said
    assert "removed: version 2 is gone" in said


def test_the_role_of_pull_requests_may_review_what_is_deployed(stack: Stack) -> None:
    assert "No changes." in stack.job("pull-request").make("terraform-review")


def test_a_healthy_stack_is_quiet(stack: Stack) -> None:
    health = stack.deployment.output("health_alarm")
    assert f"Quiet for 0 minutes: {health}." in stack.job("staging").make("watch", "MINUTES=0")


@pytest.fixture
def alarm(stack: Stack) -> Iterator[None]:
    """Let an alarm go off."""
    client = stack.client("cloudwatch")
    client.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="5 errors")
    yield
    client.set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="none")


def test_an_alarm_fails_the_watch(stack: Stack, alarm: None) -> None:
    with pytest.raises(AssertionError, match=f"{ALARM} is in alarm: 5 errors"):
        stack.deployment.make("watch", f"ALARM={ALARM}", "MINUTES=0")
