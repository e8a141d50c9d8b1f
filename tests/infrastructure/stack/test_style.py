"""The style of the hand-written Terraform."""

import re
import subprocess
from pathlib import Path

import pytest

from core.config import read_settings
from harness.prerequisites import require_terraform
from tests.infrastructure.stack.planning import TERRAFORM

FILES = sorted(f for root in ("", "registry", "bootstrap") for f in (TERRAFORM / root).glob("*.tf"))
BLOCK = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
ARGUMENT = re.compile(r"^  (\w+) *[={]", re.MULTILINE)
VARIABLES = {
    f"{path.relative_to(TERRAFORM)}:{name}": body
    for path in FILES
    for name, body in BLOCK.findall(path.read_text())
}
ORDER = ["description", "type", "default", "nullable", "validation"]


def test_files_are_formatted() -> None:
    require_terraform()
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", str(TERRAFORM)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("variable", VARIABLES)
def test_variables_are_described_and_validated(variable: str) -> None:
    arguments = ARGUMENT.findall(VARIABLES[variable])
    assert arguments == sorted(arguments, key=ORDER.index)
    assert {"description", "type"} <= set(arguments)
    # Every value of a bool is valid, unless null is one.
    is_bool = re.search(r"^  type *= bool$", VARIABLES[variable], re.MULTILINE)
    assert ("nullable" if is_bool else "validation") in arguments


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TERRAFORM)))
def test_outputs_are_described(path: Path) -> None:
    outputs = re.findall(r'^output "\w+" \{\n  (\w+)', path.read_text(), re.MULTILINE)
    assert set(outputs) <= {"description"}


def test_environments_in_one_account_have_separate_tables() -> None:
    names = re.findall(
        r'^\w+_table_name *= "(.+)"$',
        (TERRAFORM / "environments" / "staging.tfvars").read_text(),
        re.MULTILINE,
    )
    production = read_settings({})
    assert len(names) == 2
    assert not set(names) & {production.events_table, production.catalogue_table}
