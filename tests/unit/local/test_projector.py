"""How long the laptop's projector waits."""

from apps.local.projector import MAX_PAUSE_SECONDS, PAUSE_SECONDS, pause_seconds


def test_pauses_double_with_each_failure_up_to_a_maximum() -> None:
    pauses = [pause_seconds(failures) for failures in range(7)]
    assert pauses == [PAUSE_SECONDS * 2**failures for failures in range(7)]
    assert pause_seconds(7) == MAX_PAUSE_SECONDS


def test_an_outage_of_any_length_has_a_pause() -> None:
    assert pause_seconds(100_000) == MAX_PAUSE_SECONDS
