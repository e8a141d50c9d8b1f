"""chalice-terraform's tests on the oldest Python that it supports, with the Chalice for it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.prerequisites import skip_or_fail

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "packages" / "chalice-terraform"
ENVIRONMENT = ROOT / ".venv" / "oldest"
FOREIGN = ("CI", "COV", "MAKE", "MFLAGS", "PYTEST_", "PYTHON")


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, as if no test had started it."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    return subprocess.run(
        command,
        cwd=folder,
        env=ours,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def python() -> Path:
    """Return the Python of an environment of the oldest version, which make creates."""
    made = run("make", f"{ENVIRONMENT.relative_to(ROOT)}/ready", folder=ROOT)
    if "There is no Python" in made.stdout:
        skip_or_fail(made.stdout.strip().splitlines()[0])
    assert made.returncode == 0, made.stdout
    return ENVIRONMENT / "bin" / "python"


def test_the_oldest_python_is_the_one_that_the_package_names(python: Path) -> None:
    [required] = re.findall(r'requires-python = ">=(.+)"', (PACKAGE / "pyproject.toml").read_text())
    version = run(str(python), "--version", folder=ROOT).stdout
    assert version.startswith(f"Python {required}.")


def test_its_tests_pass_on_the_oldest_python(python: Path) -> None:
    options = ["-q", "-p", "no:cacheprovider", "-m", "not terraform", "--hypothesis-profile=few"]
    done = run(str(python), "-m", "pytest", *options, folder=PACKAGE)
    assert done.returncode == 0, done.stdout
    [passed] = re.findall(r"^(\d+) passed", done.stdout, re.MULTILINE)
    assert int(passed) > 200
