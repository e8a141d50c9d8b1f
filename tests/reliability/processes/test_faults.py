"""The services under load and faults: real processes, a real disk, real HTTP.

``make reliability`` runs the same for as long as you like.
"""

import json
import shutil
from collections.abc import Callable

import pytest

from tests.reliability.processes.__main__ import FOLDER
from tests.reliability.processes.history import Run
from tests.reliability.processes.run import perform
from tests.reliability.processes.schedule import schedule
from tests.reliability.processes.summary import Summary, table
from tests.support.dynamodb import require_dynamodb_local
from tests.support.share import THOROUGHLY

Record = Callable[[str, object], None]

SEED = 12
SECONDS = 120.0 if THOROUGHLY else 10.0

pytestmark = [pytest.mark.e2e, pytest.mark.by_chance]


@pytest.mark.xdist_group("reliability-sqlite")
def test_nothing_is_lost_doubled_or_out_of_order_on_sqlite(record_property: Record) -> None:
    require_no_violation("sqlite", record_property)


@pytest.mark.xdist_group("reliability-dynamodb")
def test_nothing_is_lost_doubled_or_out_of_order_on_dynamodb(record_property: Record) -> None:
    require_dynamodb_local()
    require_no_violation("dynamodb", record_property)


def require_no_violation(store: str, record_property: Record) -> None:
    folder = FOLDER / f"ci-{store}"
    shutil.rmtree(folder, ignore_errors=True)
    run = Run(store, SEED, SECONDS)
    result = perform(run, schedule(run), folder)
    summary = Summary(store)
    summary.add(result)
    record_property("figures", summary.line())
    print(table([summary]))
    (folder / "summary.json").write_text(json.dumps(summary.as_json(), indent=1), "utf-8")
    assert summary.violations == [], f"the history is in {folder}"
    assert summary.figures["commands ok"] > 50, "too few to show anything"
    assert summary.figures["reads answered"] > 50, "too few to show anything"
