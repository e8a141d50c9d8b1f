"""A user's way: install chalice-terraform, package an app, validate, plan, apply and call it.

The environment has the wheel and Chalice, and nothing of this project.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.prerequisites import require_terraform, skip_or_fail
from tests.e2e.clean_environment.shop import HTTP_APP, REST_APP
from tests.e2e.clean_environment.stacks import MODULES, Root, Times, write_app
from tests.e2e.containers import LAMBDA_BASE, Builder, Environment, refuse
from tests.e2e.stack.emulator import REGION, Emulator, running_emulator
from tests.support.container_engine import NotHere, docker
from tests.support.distribution import ROOT, build, install, run
from tests.support.identity import Identity, running_identity

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2015-10-08T16:53:06Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"],
    "detail": {},
}
"""An event of a rule with a schedule, from EventBridge's documentation."""


@dataclass(frozen=True)
class Deployed:
    """The applied stacks: the image, the outputs by module, and what it took to get there."""

    root: Root
    image: str
    outputs: dict[str, Any]
    added: int
    times: Times
    emulator: Emulator

    def call(self, module: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to the API of a module."""
        api = self.outputs[module]["RestAPIId"]
        prefix = "/api" if MODULES[module][1] == "rest" else ""
        headers = {**options.pop("headers", {}), "Host": f"{api}.execute-api.localhost"}
        url = f"http://{self.emulator.address}{prefix}{path}"
        return httpx.request(method, url, headers=headers, timeout=60, trust_env=False, **options)


def locked(*names: str) -> Iterator[str]:
    """Yield the blocks of requirements/run.txt for packages and all that they need."""
    lock = (ROOT / "requirements" / "run.txt").read_text()
    blocks = re.findall(r"^[^\s#].*(?:\n .*)*", lock, re.MULTILINE)
    by_name = {canonicalize_name(re.split(r"[=\[ ]", block)[0]): block for block in blocks}
    wanted, seen = list(names), set()
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name not in seen:
            seen.add(name)
            yield by_name[name]
            needed = [Requirement(each) for each in requires(name) or []]
            wanted += [it.name for it in needed if it.marker is None or it.marker.evaluate()]


@pytest.fixture(scope="module")
def identity() -> Iterator[Identity]:
    with running_identity("shop") as identity:
        yield identity


@pytest.fixture(scope="module")
def deployed(
    engine: Environment,
    builder: Builder,
    identity: Identity,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployed]:
    """Install the wheel beside Chalice, and apply the three stacks at once."""
    require_terraform()
    times, folder = Times(), tmp_path_factory.mktemp("clean")
    with times.of("install"):
        (folder / "requirements.txt").write_text("\n".join(locked("chalice")))
        requirements = ("--require-hashes", "--requirement", folder / "requirements.txt")
        wheel = build(tmp_path_factory.mktemp("built"), 1_600_000_000).wheel
        environment = install(wheel, folder / "environment", *requirements)
    command = environment / "bin" / "chalice-terraform"
    [package] = environment.glob("lib/*/site-packages/chalice_terraform")
    apps = {
        "http": write_app(HTTP_APP, folder / "shop", package),
        "rest": write_app(REST_APP, folder / "rest" / "shop", package),
    }
    try:
        emulator = running_emulator(engine, tmp_path_factory.mktemp("emulator"))
        with emulator as account:
            root = Root(folder / "root", _environment(account))
            root.folder.mkdir()
            with times.of("package"):
                root.write(command, apps)
            with times.of("image"):
                run(command, "dockerfile", apps["http"], folder=folder)
                image = deliver(account, builder, apps["http"])
            with times.of("init and validate"):
                _init(root)
                root.terraform("validate")
            with times.of("plan"):
                planned = root.plan(identity.issuer, image)
            assert set(planned.values()) == {"create"}
            with times.of("apply"):
                outputs = root.apply()
            yield Deployed(root, image, outputs, len(planned), times, account)
    except NotHere as problem:
        refuse(problem)


def deliver(emulator: Emulator, builder: Builder, app: Path) -> str:
    """Build the app's image, push it to the emulator's registry, and return its digest's name."""
    emulator.client("ecr").create_repository(repositoryName="shop")
    tag = builder.build(app, LAMBDA_BASE, f"{emulator.address}/shop:1")
    docker(builder.engine, "push", tag)
    return docker(builder.engine, "inspect", "--format", "{{index .RepoDigests 0}}", tag)


def _environment(emulator: Emulator) -> dict[str, str]:
    mine = ("AWS_", "TF_VAR_", "TF_CLI_", "COV_", "COVERAGE_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    regions = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "CHECKPOINT_DISABLE": "1"}
    return {**ours, **emulator.credentials, **regions}


def _init(root: Root) -> None:
    try:
        root.init()
    except AssertionError as failure:
        if "available provider packages" not in str(failure):
            raise
        skip_or_fail("terraform has no AWS provider here: go online or set TF_PLUGIN_DIR")


@pytest.mark.parametrize("module", MODULES)
def test_a_path_parameter_reaches_the_handler(module: str, deployed: Deployed) -> None:
    response = deployed.call(module, "GET", "/items/tea")
    assert (response.status_code, response.json()) == (200, {"name": "tea", "price": 3})
    assert response.headers["access-control-allow-origin"] == "*"
    assert deployed.call(module, "GET", "/items/gold").status_code == 404


@pytest.mark.parametrize("module", ["zip_http", "image_http"])
def test_a_token_with_the_scope_of_the_route_is_required(
    module: str, deployed: Deployed, identity: Identity
) -> None:
    def put(headers: dict[str, str]) -> httpx.Response:
        return deployed.call(module, "PUT", "/items/tea", json={"price": 5}, headers=headers)

    assert put({}).status_code == 401
    assert put(identity.authorization("read")).status_code == 403
    response = put(identity.authorization("write"))
    assert response.json() == {"name": "tea", "by": "tester", "price": 5}


def test_a_lambda_authorizer_protects_a_rest_api(deployed: Deployed) -> None:
    def put(headers: dict[str, str]) -> httpx.Response:
        return deployed.call("zip_rest", "PUT", "/items/tea", json={"price": 5}, headers=headers)

    assert put({}).status_code == 401
    assert put({"Authorization": "wrong"}).status_code == 403
    response = put({"Authorization": "open sesame"})
    assert response.json() == {"name": "tea", "by": "ann", "price": 5}


@pytest.mark.parametrize("stage", ["zip", "image", "rest"])
def test_the_schedule_has_its_function_as_target(stage: str, deployed: Deployed) -> None:
    client = deployed.emulator.client("events")
    [rule] = [each for each in client.list_rules()["Rules"] if f"-{stage}-" in each["Name"]]
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    [target] = client.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    invoked = deployed.emulator.client("lambda").invoke(
        FunctionName=target["Arn"], Payload=json.dumps(SCHEDULED)
    )
    assert json.load(invoked["Payload"]) == {"items": 2}


def test_a_second_plan_changes_nothing(
    deployed: Deployed, identity: Identity, record_property: Callable[[str, object], None]
) -> None:
    assert deployed.root.plan(identity.issuer, deployed.image) == {}
    steps = ", ".join(f"{step} {seconds} s" for step, seconds in deployed.times.seconds.items())
    record_property("figures", f"{deployed.added} resources in three stacks: {steps}")
