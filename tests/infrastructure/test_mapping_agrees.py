"""The laptop's event source mapping has the settings of the deployed one."""

import re
from pathlib import Path

from apps.local.stream import MAX_RECORD_AGE_SECONDS
from apps.local.stream_reader import BATCH_SIZE
from apps.query.app import app

TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"
DEFAULTS = {
    name: int(value)
    for name, value in re.findall(
        r"^    (\w+) += optional\(number, (-?\d+)\)$",
        (TERRAFORM / "variables-projector.tf").read_text(),
        re.MULTILINE,
    )
}


def test_records_are_given_up_at_the_same_age() -> None:
    assert DEFAULTS["record_age_seconds"] == MAX_RECORD_AGE_SECONDS


def test_neither_limits_the_retries() -> None:
    assert DEFAULTS["retries"] == -1


def test_batches_have_the_same_size() -> None:
    [mapping] = [source for source in app.event_sources if source.name == "project"]
    assert vars(mapping)["batch_size"] == BATCH_SIZE
