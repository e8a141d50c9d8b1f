"""The stages in the apps' .chalice/config.json.

Chalice merges a stage only with the file's top level, which ``chalice local`` would read too. So
what all deployed stages have in common is written once for each, and held equal here.
"""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = sorted(path.stem for path in (ROOT / "terraform" / "environments").glob("*.tfvars"))
LAPTOP = "dev"

pytestmark = pytest.mark.parametrize("app", ["command", "query"])


def config(app: str) -> dict[str, Any]:
    text = (ROOT / "apps" / app / ".chalice" / "config.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def test_there_is_a_stage_for_the_laptop_and_one_for_each_environment(app: str) -> None:
    assert sorted(config(app)["stages"]) == sorted([LAPTOP, *ENVIRONMENTS])


def test_all_deployed_stages_are_equal(app: str) -> None:
    stages = config(app)["stages"]
    first, *others = [stages[environment] for environment in ENVIRONMENTS]
    assert others
    assert all(stage == first for stage in others)


def test_the_laptop_gets_nothing_of_what_is_deployed(app: str) -> None:
    assert config(app)["stages"][LAPTOP] == {"api_gateway_stage": "api"}
    assert set(config(app)) == {"version", "app_name", "stages"}
