"""The documents' examples: what is in a ``sh`` block runs as it stands against the services.

A ``console`` block has what cannot run here as it stands, because it does not end, needs AWS, or
takes a program's place; of that, the commands and their variables must exist.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import botocore.session
import hcl2
import pytest
from botocore import xform_name

from core.config import read_settings
from tests.support.example import SHOWN_BY_EXAMPLES
from tests.support.services import PORTS, ROOT, RUNNER, new_environment, require_curl, running

DEFAULT_PORTS = ("8000", "8001", "8002", "8004")
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> dict[str, list[str]]:
    """Return the blocks of a language in each document that has any."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    found = {
        path.relative_to(ROOT).as_posix(): pattern.findall(path.read_text()) for path in DOCUMENTS
    }
    return {name: texts for name, texts in found.items() if texts}


EXAMPLES = blocks("sh")
COMMANDS = [
    command.strip()
    for texts in blocks("console").values()
    for text in texts
    for line in text.replace("\\\n", "").splitlines()
    if line.startswith("$ ")
    for command in line.removeprefix("$ ").partition("  #")[0].split(" && ")
]
NAMED_TARGETS = sorted(
    {
        target
        for path in DOCUMENTS
        for target in re.findall(r"`make ([a-z][a-z-]+)", path.read_text())
    }
)
RUNS_OF_PYTEST = sorted(
    {
        arguments
        for path in DOCUMENTS
        for found in re.findall(r'make test PYTEST_ARGS="([^"]+)"|-m pytest (.+)', path.read_text())
        for arguments in found
        if arguments
    }
)
TERRAFORM = [(name, text) for name, texts in blocks("hcl").items() for text in texts]
SETTINGS = [(name, text) for name, text in TERRAFORM if not text.startswith("resource ")]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Yield the environment of services that run."""
    environment = new_environment(tmp_path_factory.mktemp("documents"))
    with running(RUNNER, environment):
        yield environment


@pytest.mark.e2e
@pytest.mark.xdist_group("e2e")
@pytest.mark.parametrize("document", SHOWN_BY_EXAMPLES)
def test_the_examples_work(document: str, environment: dict[str, str], tmp_path: Path) -> None:
    require_curl()
    script = "set -eu\n" + "\n".join(EXAMPLES[document])
    for variable, default in zip(PORTS, DEFAULT_PORTS, strict=True):
        script = script.replace(f"127.0.0.1:{default}", f"127.0.0.1:{environment[variable]}")
    script = script.replace("make -s token", f"make -sC {ROOT} token")
    issuer = f"http://127.0.0.1:{environment['IDENTITY_PORT']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**environment, "JWT_ISSUER": issuer},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for text, count in SHOWN_BY_EXAMPLES[document].items():
        assert done.stdout.count(text) >= count, done.stdout


def test_every_document_with_examples_is_run() -> None:
    assert EXAMPLES.keys() == SHOWN_BY_EXAMPLES.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist(command: str) -> None:
    command = re.sub(r"^\w+=\$\((.*)\)$", r"\1", command).removeprefix("aws-vault exec PROFILE -- ")
    match shlex.split(command):
        case ["make", *arguments]:
            assert dry_run(*arguments) == 0
        case ["python" | ".venv/test/bin/python", "-m", module, *_]:
            assert find_spec(module)
        case ["python3", "-c", code]:
            compile(code, "shown", "exec")
        case ["git", "clone", *_] | ["cd", _] | ["export", *_]:
            pass
        case ["python3", "-c", _]:
            pass  # tests/contract/test_sqlite_backup.py runs it
        case ["aws", service, operation, *options]:
            assert_aws_has(service, operation, options)
        case _:
            pytest.fail(f"{command}: run it in a sh block, or say here how it is checked")


def assert_aws_has(service: str, operation: str, options: list[str]) -> None:
    """Fail unless AWS's API, which its command line is made from, has an operation and options."""
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names
    shape = model.operation_model(names[operation]).input_shape
    parameters = shape.members if shape else ()
    known = {*(xform_name(name, "-") for name in parameters), "query", "output", "region"}
    assert {o.removeprefix("--") for o in options if o.startswith("--")} <= known


@pytest.mark.parametrize("target", NAMED_TARGETS)
def test_targets_that_are_named_exist(target: str) -> None:
    assert dry_run(target) == 0


@pytest.mark.parametrize("arguments", RUNS_OF_PYTEST)
def test_runs_of_pytest_that_are_shown_name_what_exists(arguments: str) -> None:
    paths = [part for part in shlex.split(arguments) if re.match(r"(?:tests|packages)\b", part)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def dry_run(*arguments: str) -> int:
    """Return the exit code of ``make`` when it only prints what it would do."""
    command = ["make", "--dry-run", f"PYTHON={sys.executable}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


@pytest.mark.parametrize(("document", "text"), TERRAFORM, ids=lambda value: value.split("\n")[0])
def test_terraform_that_is_shown_can_be_read(document: str, text: str) -> None:
    assert hcl2.loads(text)


@pytest.mark.parametrize(("document", "text"), SETTINGS, ids=lambda value: value.split("\n")[0])
def test_terraform_settings_are_variables_and_services_accept_them(
    document: str, text: str
) -> None:
    settings = {k: v for k, v in hcl2.loads(text).items() if not k.startswith("__")}
    declared = [hcl2.loads(path.read_text()) for path in (ROOT / "terraform").glob("variables*.tf")]
    names = {name.strip('"') for file in declared for each in file["variable"] for name in each}
    assert settings.keys() <= names
    environment = {
        variable.upper(): settings[variable].strip('"')
        for variable in ("jwt_issuer", "jwt_audience")
        if variable in settings
    }
    assert read_settings(environment).jwt_issuer
