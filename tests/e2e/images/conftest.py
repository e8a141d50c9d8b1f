"""Images from a clone, by way of a registry, and DynamoDB Local: what these tests share."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from apps.local.dynamodb import running_dynamodb
from apps.local.dynamodb_engine import CannotStart
from core.config import PROJECT_NAME, read_settings
from tests.e2e.containers import Environment, git, refuse
from tests.support.container_engine import (
    BASE_IMAGE,
    NotHere,
    docker,
    running_registry,
)
from tests.support.gateway import AUDIENCE, ISSUER
from tests.support.lambda_emulator import (
    Function,
    find_emulator,
    function_in_container,
    function_in_process,
    make_environment,
    make_task,
)

HANDLERS = {
    "command": ("command", "app.app"),
    "query": ("query", "app.app"),
    "projector": ("query", "app.project"),
}


@dataclass(frozen=True)
class Clone:
    """A clone, and an engine that builds from it."""

    root: Path
    environment: Environment
    built: str = ""
    """What its first build printed."""

    def build(self) -> str:
        """Run ``make docker-build``; return a line for each image, with its tag and its id."""
        network = "DOCKER_BUILD_ARGS=--network host"
        shown = self._run("make", "--silent", "docker-build", f"PYTHON={sys.executable}", network)
        return "".join(
            line for line in shown.splitlines(True) if line.startswith(f"{PROJECT_NAME}/")
        )

    def deliver(self, registry: str) -> dict[str, str]:
        """Run ``make docker-delivery`` in this environment; return what Terraform reads."""
        network = "DOCKER_BUILD_ARGS=--network host"
        deliver = (sys.executable, "-m", "make.images", "deliver")
        self._run("env", network, f"REGISTRY={registry}", *deliver)
        images = json.loads((self.root / "terraform" / "images.auto.tfvars.json").read_text())
        return dict(images)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout


@pytest.fixture(scope="session")
def clone(
    engine: Environment, origin: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Clone]:
    """Return a function that makes a clone in a folder of the given name."""
    # Without the variables of the ``make test`` that runs this, and of its coverage.
    theirs = ("MAKE", "MFLAGS", "PYTHONPATH", "COV")
    ours = {k: v for k, v in engine.items() if not k.startswith(theirs)}
    environment = {**ours, "BASE_IMAGE": BASE_IMAGE}

    def make(name: str) -> Clone:
        root = tmp_path_factory.mktemp(name) / name
        git(origin, "clone", "--quiet", str(origin), str(root))
        return Clone(root, environment)

    return make


@pytest.fixture(scope="session")
def first_clone(clone: Callable[[str], Clone]) -> Clone:
    """Return a clone whose images are built."""
    first = clone("first")
    return replace(first, built=first.build())


@pytest.fixture(scope="session")
def images(first_clone: Clone, engine: Environment) -> Iterator[dict[str, str]]:
    """Yield each app's image by its digest, pushed to a registry and pulled from there."""
    with ExitStack() as stack:
        try:
            registry = stack.enter_context(running_registry())
        except NotHere as problem:
            refuse(problem)
        delivered = first_clone.deliver(registry)
        images = {name.removesuffix("_image"): image for name, image in delivered.items()}
        for image in images.values():
            docker(engine, "pull", "--quiet", image)
        yield images


@pytest.fixture(scope="session")
def database() -> Iterator[Environment]:
    """Yield the settings of functions that use the tables of a DynamoDB Local."""
    with ExitStack() as stack:
        try:
            environment = stack.enter_context(running_dynamodb(read_settings({}), {}))
        except CannotStart as problem:
            refuse(problem)
        yield {
            **environment,
            "STORE": "dynamodb",
            "AWS_REGION": environment["AWS_DEFAULT_REGION"],
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
        }


@pytest.fixture(scope="session")
def events(database: Environment) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that reads all items of the events table."""
    client = boto3.session.Session(
        database["AWS_ACCESS_KEY_ID"],
        database["AWS_SECRET_ACCESS_KEY"],
        region_name=database["AWS_REGION"],
    ).client("dynamodb", endpoint_url=database["DYNAMODB_ENDPOINT"])
    table = read_settings({}).events_table
    return lambda: client.scan(TableName=table, ConsistentRead=True)["Items"]


@dataclass(frozen=True)
class Functions:
    """The functions of both apps."""

    command: Function
    query: Function
    projector: Function


@pytest.fixture(scope="session", params=["in containers", "in processes"])
def functions(
    request: pytest.FixtureRequest, database: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Functions]:
    """Yield the functions under the emulator, from the images or from their locked requirements."""
    scratch = tmp_path_factory.mktemp("functions")
    try:
        find_emulator()
    except NotHere as problem:
        refuse(problem)
    start = _from_images if request.param == "in containers" else _from_requirements
    with start(request, database, scratch) as functions:
        yield functions


@contextmanager
def _from_images(
    request: pytest.FixtureRequest, database: Environment, scratch: Path
) -> Iterator[Functions]:
    engine, images = request.getfixturevalue("engine"), request.getfixturevalue("images")
    # The image's own command is app.app; another function is named as Terraform names it.
    commands = {"command": None, "query": None, "projector": "app.project"}
    with ExitStack() as stack:
        yield Functions(
            **{
                name: stack.enter_context(
                    function_in_container(
                        engine, images[HANDLERS[name][0]], command, database, scratch
                    )
                )
                for name, command in commands.items()
            }
        )


@contextmanager
def _from_requirements(
    request: pytest.FixtureRequest, database: Environment, scratch: Path
) -> Iterator[Functions]:
    pythons = {app: make_environment(app, scratch) for app in ("command", "query")}
    tasks = {app: make_task(app, scratch) for app in pythons}
    with ExitStack() as stack:
        yield Functions(
            **{
                name: stack.enter_context(
                    function_in_process(pythons[app], tasks[app], handler, database, scratch)
                )
                for name, (app, handler) in HANDLERS.items()
            }
        )
