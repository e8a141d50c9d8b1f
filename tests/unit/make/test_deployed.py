"""The settings of the next plan that come from what is deployed."""

import json
import subprocess
import sys
from typing import Any

import pytest

from make.deployed import images, share
from tests.unit.make.states import FUNCTIONS, LIVE, state


def deployed(given: str, *settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "make.deployed", *settings],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_images_are_those_of_the_functions() -> None:
    assert images(state(FUNCTIONS), "") == {
        "command_image": "registry/command@sha256:1",
        "query_image": "registry/query@sha256:2",
    }


@pytest.mark.parametrize("given", [{"format_version": "1.0"}, state({})])
def test_what_does_not_exist_yet_has_no_image(given: dict[str, Any]) -> None:
    assert images(given, "") == {}


@pytest.mark.parametrize(
    ("part", "rollout"),
    [
        ("0.1", {"stable_versions": {"command": "7", "query": "9"}, "new_share": 0.1}),
        ("0", {"stable_versions": {"command": "7", "query": "9"}, "new_share": 0}),
        ("1", {}),
    ],
)
def test_a_share_leaves_the_rest_to_the_versions_that_the_api_calls(
    part: str, rollout: dict[str, Any]
) -> None:
    assert share(state(LIVE), part) == {"rollout": rollout}


def test_settings_are_one_file_of_variables() -> None:
    done = deployed(json.dumps(state({**FUNCTIONS, **LIVE})), "images", "share=1")
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert sorted(written) == ["command_image", "query_image", "rollout"]


@pytest.mark.parametrize(
    ("given", "part", "said"),
    [
        (json.dumps(state(FUNCTIONS)), "0.1", "The API does not call an alias yet: set `rollout"),
        (json.dumps(state(LIVE)), "1.1", "SHARE must be a number from 0 to 1, not '1.1'."),
        (json.dumps(state(LIVE)), "nan", "SHARE must be a number from 0 to 1, not 'nan'."),
        (json.dumps(state(LIVE)), "a tenth", "SHARE must be a number from 0 to 1"),
        ("", "0.1", "Terraform cannot show the state: its message is above."),
    ],
)
def test_what_prevents_a_rollout_is_one_line(given: str, part: str, said: str) -> None:
    done = deployed(given, f"share={part}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1
