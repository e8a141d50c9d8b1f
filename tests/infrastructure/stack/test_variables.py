"""Which values Terraform's variables accept: ``terraform/tests``, which `make terraform-test` runs.

``expect_failures`` compares no message. So here its runs are left without it, each in a file of its
own, and what they report is compared with the validations of the variables that they name.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infrastructure.stack.planning import TERRAFORM, Stack

pytestmark = pytest.mark.xdist_group("terraform")

ROOTS = ("service", "registry", "bootstrap")
EXPECTED = re.compile(r"^  expect_failures = (\[.*?\])\n", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
MESSAGE = re.compile(r'^ +error_message = "(.+)"$', re.MULTILINE)
RULE = re.compile(r"\s*This was checked by the validation rule at .+")


def folder(root: str, top: Path = TERRAFORM) -> Path:
    return top if root == "service" else top / root


def runs(root: str) -> dict[str, str]:
    """Return each run of a root's test by its name, as a file of its own."""
    text = (folder(root) / "tests" / "variables.tftest.hcl").read_text()
    head, *found = re.split(r"^(?=run \")", text, flags=re.MULTILINE)
    return {run.split('"')[1]: head + run for run in found}


def named(run: str) -> list[str]:
    """Return the variables that a run expects to be refused."""
    return [name for listed in EXPECTED.findall(run) for name in re.findall(r"var\.(\w+)", listed)]


def validations(stack: Stack, root: str) -> dict[str, set[str]]:
    """Return the messages of each variable's validations."""
    at = folder(root, stack.build / "offline")
    written = "".join(path.read_text() for path in at.glob("*.tf"))
    found = {name: set(MESSAGE.findall(block)) for name, block in VARIABLE.findall(written)}
    if root == "service":
        generated = json.loads((at / "chalice.tf.json").read_text())["variable"]
        for name, variable in generated.items():
            found[name] = {rule["error_message"] for rule in variable["validation"]}
    return found


@pytest.fixture(scope="session")
def reported(stack: Stack, validated: str) -> dict[str, dict[str, list[str]]]:
    """Return the errors of each run, by its root and its name."""
    return {root: dict(errors(folder(root, stack.build / "offline"), root)) for root in ROOTS}


def errors(at: Path, root: str) -> Iterator[tuple[str, list[str]]]:
    split = at / "split"
    shutil.rmtree(split, ignore_errors=True)
    split.mkdir()
    for name, run in runs(root).items():
        (split / f"{name}.tftest.hcl").write_text(EXPECTED.sub("", run))
    done = subprocess.run(
        ["terraform", f"-chdir={at}", "test", "-json", f"-test-directory={split.name}"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    ended = [each["test_run"]["run"] for each in told if "status" in each.get("test_run", {})]
    assert sorted(ended) == sorted(runs(root)), done.stdout + done.stderr
    for name in ended:
        found = [
            each["diagnostic"]
            for each in told
            if each["type"] == "diagnostic" and each["@testrun"] == name
        ]
        yield name, [RULE.sub("", each["detail"]) for each in found if each["severity"] == "error"]


CASES = [(root, run) for root in ROOTS for run in runs(root)]


@pytest.mark.parametrize(("root", "run"), CASES, ids=lambda part: part)
def test_a_wrong_value_is_refused_with_what_is_right(
    stack: Stack, reported: dict[str, dict[str, list[str]]], root: str, run: str
) -> None:
    rules = validations(stack, root)
    expected = named(runs(root)[run])
    said = reported[root][run]
    assert len(said) == len(expected), said
    assert [name for name in expected if not rules[name] & set(said)] == []


@pytest.mark.parametrize("root", ROOTS)
def test_every_validation_refuses_something(
    stack: Stack, reported: dict[str, dict[str, list[str]]], root: str
) -> None:
    said = {message for run in reported[root].values() for message in run}
    assert set.union(*validations(stack, root).values()) == said
