"""Fixtures that run every feature once on the plan, and once on the plan with each mistake."""

import copy
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.infrastructure.compliance.mutations import MUTATIONS
from tests.infrastructure.compliance.plans import Change
from tests.infrastructure.stack.conftest import (
    bootstrap,
    optional,
    registry,
    service,
    stack,
    validated,
)
from tests.infrastructure.stack.planning import ROOT, Plan, Stack

__all__ = ["bootstrap", "optional", "registry", "service", "stack", "validated"]

RUNNER = Path(__file__).with_name("runner.py")
PYTHON = ROOT / ".venv" / "compliance" / "bin" / "python"

Outcomes = Mapping[str, bool]
"""From a scenario's title to whether it passes."""


@pytest.fixture(scope="session")
def plans(service: Plan, registry: Plan, bootstrap: Plan, optional: Plan) -> Mapping[str, Plan]:
    """Return the plans, by the folders of the features on them."""
    own = {"service": service, "registry": registry, "bootstrap": bootstrap}
    return {**own, "integration-events": optional}


@pytest.fixture(scope="session")
def outcomes(
    stack: Stack, plans: Mapping[str, Plan], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[tuple[str, str], Outcomes]:
    """Return the outcomes of all scenarios by root and mistake, which is empty for none."""
    stack.make(str(PYTHON.parents[1].relative_to(ROOT) / "ready"))
    folder = tmp_path_factory.mktemp("mutants")
    found: dict[tuple[str, str], Outcomes] = {}
    for root, plan in plans.items():
        changes = {m.mistake: m.change for m in MUTATIONS if m.root == root}
        files = {
            mistake: _written(plan, change, folder / f"{root}-{number}.json")
            for number, (mistake, change) in enumerate([("", _nothing), *changes.items()])
        }
        results = _run(ROOT / "features" / root, list(files.values()), folder / f"{root}-reports")
        found |= {(root, mistake): result for mistake, result in zip(files, results, strict=True)}
    return found


def _nothing(_: object) -> None:
    """No mistake."""


def _written(plan: Plan, change: Change, file: Path) -> Path:
    mutant = copy.deepcopy(plan.json)
    change(mutant)
    file.write_text(json.dumps(mutant))  # on one line, as terraform-compliance requires
    return file


def _run(features: Path, files: list[Path], reports: Path) -> list[Outcomes]:
    reports.mkdir()
    done = subprocess.run(
        [str(PYTHON), str(RUNNER), str(features), str(files[0]), str(reports)],
        input="".join(f"{file}\n" for file in files),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
