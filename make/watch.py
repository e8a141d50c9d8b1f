"""``make watch``: wait while an alarm stays quiet, and fail as soon as it does not.

ALARM names the alarm; MINUTES says how long. The exit status is 0 if it was quiet for that long, 1
if it went off or was in alarm to begin with, and 2 if it cannot be read: neither means that all is
well.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

PAUSE_SECONDS: Final = 15.0
DEFAULT_MINUTES: Final = "10"


class Unreadable(Exception):
    """There is no such alarm, or AWS does not say; the message is one line."""


def watch(
    state: Callable[[], tuple[str, str]],
    seconds: float,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> str | None:
    """Return why the alarm is in alarm, as soon as it is, and None if it was not for ``seconds``.

    ``state`` returns the alarm's state and the reason for it, and may raise ``Unreadable``. An
    alarm without data is quiet: nobody uses the service.
    """
    deadline = clock() + seconds
    while True:
        now, reason = state()
        if now == "ALARM":
            return reason
        if (left := deadline - clock()) <= 0:
            return None
        sleep(min(PAUSE_SECONDS, left))


def read_minutes(text: str) -> float:
    """Return how long to watch. Raises ``Unreadable``."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= 24 * 60:
        raise Unreadable(f"MINUTES must be a number from 0 to 1440, not {text!r}")
    return minutes


def alarm_state(client: Any, name: str) -> tuple[str, str]:
    """Return the state of the metric or composite alarm, and the reason. Raises ``Unreadable``."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = client.describe_alarms(
            AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
    except (BotoCoreError, ClientError) as error:
        raise Unreadable(" ".join(str(error).split())) from error
    alarms = [*found.get("CompositeAlarms", []), *found.get("MetricAlarms", [])]
    if not alarms:
        raise Unreadable(f"there is no alarm {name!r} in this region")
    return alarms[0]["StateValue"], " ".join(alarms[0].get("StateReason", "").split())


def main() -> None:
    """Watch the alarm, and print what became of it."""
    import boto3
    from botocore.config import Config

    name = os.environ.get("ALARM") or ""
    try:
        minutes = read_minutes(os.environ.get("MINUTES") or DEFAULT_MINUTES)
        retries = Config(retries={"mode": "standard", "total_max_attempts": 8})
        client = boto3.session.Session().client("cloudwatch", config=retries)
        print(f"Watching {name} for {minutes:g} minutes.", flush=True)
        reason = watch(lambda: alarm_state(client, name), minutes * 60, time.monotonic, time.sleep)
    except Unreadable as problem:
        print(f"watch: {problem}.", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    if reason is not None:
        sys.exit(f"watch: {name} is in alarm: {reason}")
    print(f"Quiet for {minutes:g} minutes: {name}.")


if __name__ == "__main__":
    main()
