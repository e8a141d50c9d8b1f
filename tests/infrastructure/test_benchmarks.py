"""Each benchmark works: run with so little to do that its figures mean nothing."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.measuring import spread, take_turns
from tests.benchmarks.report import OF_ANOTHER, SECTIONS
from tests.support.container_engine import CACHE, INSTALL
from tests.support.dynamodb import client, endpoint

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT / "packages" / "chalice-terraform" / "tests"
PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"


def test_every_benchmark_measures_and_is_reported(tmp_path: Path) -> None:
    client()  # skips when there is no DynamoDB
    if "CI" not in os.environ:
        if not PYTHON.exists():
            pytest.skip("there is no .venv/bench here: make .venv/bench/ready")
        if not (CACHE / "aws-lambda-rie").exists():
            pytest.skip(f"AWS's Runtime Interface Emulator is not here: {INSTALL}")
    subprocess.run(["make", "--silent", ".venv/bench/ready"], cwd=ROOT, check=True)
    results = tmp_path / "benchmarks" / "results.json"
    subprocess.run(
        [PYTHON, "-m", "tests.benchmarks", "--tiny", "--results", results],
        cwd=ROOT,
        env={**os.environ, "DYNAMODB_ENDPOINT": endpoint(), "PYTHONPATH": str(HARNESS)},
        check=True,
    )
    measured = json.loads(results.read_text())
    page = (tmp_path / "benchmarks.md").read_text()
    assert measured.keys() == SECTIONS.keys() - OF_ANOTHER.keys()
    assert "Not measured." not in page
    assert "FastAPI + Mangum" in page


def test_a_spread_is_the_median_and_the_quartiles_around_it() -> None:
    assert spread([5, 1, 2, 3, 4]) == {"median": 3, "low": 2, "high": 4, "values": 5}
    assert spread([0.123456]) == {"median": 0.1235, "low": 0.1235, "high": 0.1235, "values": 1}


def test_what_is_compared_takes_turns_in_an_order_that_is_reversed_each_time() -> None:
    turns: list[str] = []

    def act(name: str) -> list[float]:
        turns.append(name)
        return [1.0, 2.0]

    spreads = take_turns({"a": lambda: act("a"), "b": lambda: act("b")}, 3)
    assert turns == ["b", "a", "a", "b", "b", "a"]
    assert spreads["a"]["values"] == 6
