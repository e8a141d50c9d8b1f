"""After any sequence of commands the catalogue equals its model."""

from functools import partial

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.machine import CatalogueMachine
from tests.properties.stores import OPENERS
from tests.support.share import examples

EXAMPLES = {"memory": examples(12, thoroughly=200), "sqlite": examples(8, thoroughly=100)}


@pytest.mark.parametrize("adapter", OPENERS)
def test_the_catalogue_equals_its_model_after_any_sequence_of_commands(adapter: str) -> None:
    run_state_machine_as_test(
        partial(CatalogueMachine, OPENERS[adapter]),  # type: ignore[arg-type]  # a factory will do
        settings=settings(max_examples=EXAMPLES[adapter], stateful_step_count=25),
    )
