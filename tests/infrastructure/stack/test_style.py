"""How the hand-written Terraform is written."""

import re
import subprocess
from pathlib import Path

import pytest

from core.config import read_settings
from tests.infrastructure.stack.planning import TERRAFORM, require_terraform

FILES = sorted([*TERRAFORM.glob("*.tf"), *(TERRAFORM / "registry").glob("*.tf")])
BLOCK = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
ARGUMENT = re.compile(r"^  (\w+) *[={]", re.MULTILINE)
VARIABLES = {
    f"{path.relative_to(TERRAFORM)}:{name}": body
    for path in FILES
    for name, body in BLOCK.findall(path.read_text())
}
ORDER = ["description", "type", "default", "nullable", "validation"]


def test_terraform_formats_it_no_other_way() -> None:
    require_terraform()
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", str(TERRAFORM)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_tells_what_it_is_and_checks_it(variable: str) -> None:
    arguments = ARGUMENT.findall(VARIABLES[variable])
    assert arguments == sorted(arguments, key=ORDER.index)
    assert {"description", "type"} <= set(arguments)
    # A bool has no other values than right ones, unless null is one.
    is_bool = re.search(r"^  type *= bool$", VARIABLES[variable], re.MULTILINE)
    assert ("nullable" if is_bool else "validation") in arguments


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TERRAFORM)))
def test_an_output_tells_what_it_is(path: Path) -> None:
    outputs = re.findall(r'^output "\w+" \{\n  (\w+)', path.read_text(), re.MULTILINE)
    assert set(outputs) <= {"description"}


def test_environments_in_one_account_have_tables_of_their_own() -> None:
    names = re.findall(
        r'^\w+_table_name *= "(.+)"$',
        (TERRAFORM / "environments" / "staging.tfvars").read_text(),
        re.MULTILINE,
    )
    production = read_settings({})
    assert len(names) == 2
    assert not set(names) & {production.events_table, production.catalogue_table}
