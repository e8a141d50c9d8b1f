"""The explorer's pure modules, tested by Node, which Playwright brings along."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent
MODULES = sorted(HERE.glob("*.test.mjs"))
APPS = HERE.parents[2] / "apps"
SCRIPTS = sorted([*APPS.glob("explorer/static/**/*.js"), *APPS.glob("query/pages/*.js")])
MARKUP = re.compile(r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|Function\(")
"""What would run markup or code that is in a text of the API."""


@pytest.mark.parametrize("tests", MODULES, ids=lambda path: path.name.removesuffix(".test.mjs"))
def test_a_module_passes_its_tests(tests: Path) -> None:
    node, _ = compute_driver_executable()
    # Under pytest-xdist the reporter must not be chosen by what else is in the environment.
    done = subprocess.run(
        [node, "--test", "--test-reporter=spec", str(tests)],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "TZ": "UTC"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_script_takes_a_text_for_markup_or_code() -> None:
    assert len(SCRIPTS) > 20
    assert [path.name for path in SCRIPTS if MARKUP.search(path.read_text())] == []
