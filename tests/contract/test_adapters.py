"""Every adapter runs the contract suites."""

from pathlib import Path

import pytest

import core.adapters
from tests.support.adapters import CATALOGUES, ERASURES, EVENT_STORES, READ_MODELS

FOLDER = Path(core.adapters.__path__[0])
TABLES = [
    ("event_store.py", EVENT_STORES),
    ("erasure.py", ERASURES),
    ("catalogue.py", CATALOGUES),
    ("read_model.py", READ_MODELS),
]


@pytest.mark.parametrize(("module", "table"), TABLES)
def test_every_adapter_of_a_port_is_registered(module: str, table: dict[str, object]) -> None:
    assert {path.parent.name for path in FOLDER.glob(f"*/{module}")} == {
        name.partition("-")[0] for name in table
    }
