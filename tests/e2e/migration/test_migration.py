"""Stacks that exist become merged ones in an emulator of AWS, and lose nothing.

One app is deployed twice: by Chalice's own Terraform, and by ``chalice deploy``. The first keeps
its REST API, and the second gets an HTTP API beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from harness.packaging import ChaliceApp, package
from harness.prerequisites import require_terraform, skip_or_fail
from harness.terraform_cli import IMAGE
from tests.e2e.migration.stacks import Changes, Stack, old_form
from tests.e2e.stack.emulator import REGION, Emulator, running_emulator_without_engine

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("migration")]

APP = ChaliceApp(
    """
@app.authorizer()
def keys(request):
    routes = ["*"] if request.token == "key" else []
    return AuthResponse(routes=routes, principal_id="someone", context={"who": "someone"})

@app.route("/items/{id}")
def item(id):
    return {"id": id}

@app.route("/items", methods=["POST"], authorizer=keys)
def add():
    return {"by": app.current_request.context["authorizer"]["who"]}

@app.schedule(Rate(1, unit=Rate.HOURS))
def tick(event): pass

@app.on_sqs_message(queue="jobs")
def work(event): pass
""",
    {"environment_variables": {"STAGE": "dev"}},
)
NAMES = ("api_handler", "keys", "tick", "work")
FUNCTIONS = {f"aws_lambda_function.shop_{name}" for name in NAMES}
HTTP_API = {
    "aws_apigatewayv2_api.api",
    "aws_apigatewayv2_authorizer.shop_keys",
    "aws_apigatewayv2_integration.shop",
    'aws_apigatewayv2_route.shop["GET /items/{id}"]',
    'aws_apigatewayv2_route.shop["POST /items"]',
    "aws_apigatewayv2_stage.api",
}
GROUP = "aws_cloudwatch_log_group.shop_api_handler"  # which Lambda makes at the first request
NEW_GROUPS = {f"aws_cloudwatch_log_group.shop_{name}" for name in NAMES} - {GROUP}
PERMISSIONS = {
    f"aws_lambda_permission.shop_{name}"
    for name in ("rest_api_invoke", "keys_invoke", "tick-event")
}
SCHEDULE = {
    "aws_cloudwatch_event_rule.shop_tick-event",
    "aws_cloudwatch_event_target.shop_tick-event",
    "aws_lambda_permission.shop_tick-event",
}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    require_terraform()
    with running_emulator_without_engine(tmp_path_factory.mktemp("emulator")) as emulator:
        emulator.client("sqs").create_queue(QueueName="jobs")
        yield emulator


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folders of the app under two names, each packaged in its folder out."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("shop", "stock")}
    for name, folder in folders.items():
        package(name, APP, folder)
    return folders


@pytest.fixture(scope="module")
def applied(
    emulator: Emulator, packaged: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Stack, Path]:
    """Return a stack of Chalice's own Terraform, and what ``chalice deploy`` recorded of another.

    Both wait for Lambda most of the time, so they are made at once.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **emulator.credentials,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "CHECKPOINT_DISABLE": "1",
    }
    stack = Stack(tmp_path_factory.mktemp("stack") / "old", environment)
    shutil.copytree(packaged["shop"] / "out", stack.folder)
    template = json.loads((stack.folder / "chalice.tf.json").read_text())
    (stack.folder / "chalice.tf.json").write_text(old_form(template))
    try:
        stack.init()
    except AssertionError as failure:
        skip_or_fail(f"terraform has no AWS provider: go online or set TF_PLUGIN_DIR ({failure})")
    with ThreadPoolExecutor() as pool:
        made = pool.submit(stack.apply)
        deployed = pool.submit(chalice_deploy, packaged["stock"], environment)
        made.result()
        return stack, deployed.result()


def chalice_deploy(folder: Path, environment: dict[str, str]) -> Path:
    """Deploy the app in the folder, and return the file in which Chalice recorded it."""
    chalice = "import sys; from chalice.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", chalice, "deploy", "--stage", "dev"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / ".chalice" / "deployed" / "dev.json"


@pytest.fixture(scope="module")
def stack(applied: tuple[Stack, Path], emulator: Emulator) -> Stack:
    """Return the stack of Chalice's own Terraform, after a request."""
    stack, _ = applied
    api = stack.identity("aws_api_gateway_rest_api.rest_api")
    assert get(emulator, api, "/api/items/7").json() == {"id": "7"}
    return stack


@pytest.fixture(scope="module")
def groups(stack: Stack, emulator: Emulator) -> Path:
    """Return the file with the log groups that Lambda has made, as the AWS CLI prints them."""
    listed = emulator.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/")
    file = stack.folder.with_name("groups.json")
    file.write_text(json.dumps({"logGroups": listed["logGroups"]}, default=str))
    return file


@pytest.fixture(scope="module")
def migrate(groups: Path) -> list[str]:
    """Return the options with which the state of Chalice's own Terraform is migrated."""
    return ["--migrate", "shop=terraform", "--migrate", f"shop={groups}"]


@pytest.fixture(scope="module")
def plans(stack: Stack, packaged: dict[str, Path], migrate: list[str]) -> dict[str, Changes]:
    """Return what merged forms of the app would change in the state of Chalice's own Terraform."""
    forms = {"none": [], "http": migrate, "image": [*migrate, "--package", "image"]}
    variables = {"image": [f"shop_image={IMAGE}"]}
    variants = {name: stack.variant(name) for name in forms}
    for name, options in forms.items():
        variants[name].merge("shop", packaged["shop"] / "out", *options)
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda name: variants[name].plan(*variables.get(name, [])), forms)
        return dict(zip(forms, done, strict=True))


@dataclass(frozen=True, slots=True)
class Migrated:
    """A stack after its migration, and what this changed."""

    stack: Stack
    changes: Changes


@pytest.fixture(scope="module")
def migrated(
    plans: dict[str, Changes],
    applied: tuple[Stack, Path],
    packaged: dict[str, Path],
    migrate: list[str],
) -> tuple[Migrated, Migrated]:
    """Return the stack that keeps its REST API, and the one that adopts what was deployed.

    They are applied after the plans are made: those are for the state before.
    """
    assert plans
    stack, deployed = applied
    kept, adopted = stack.variant("kept"), Stack(stack.folder.with_name("new"), stack.environment)
    kept.merge("shop", packaged["shop"] / "out", *migrate, "--api", "rest")
    adopted.folder.mkdir()
    adopted.merge("stock", packaged["stock"] / "out", "--migrate", f"stock={deployed}")
    adopted.init()
    with ThreadPoolExecutor() as pool:
        changes = pool.map(lambda each: each.apply(), (kept, adopted))
        return Migrated(kept, next(changes)), Migrated(adopted, next(changes))


def get(emulator: Emulator, api: str, path: str) -> httpx.Response:
    return request(emulator, api, "GET", path)


def request(emulator: Emulator, api: str, method: str, path: str, key: str = "") -> httpx.Response:
    port = emulator.address.rpartition(":")[2]
    headers = {"Host": f"{api}.execute-api.localhost:{port}"}
    if key:
        headers["Authorization"] = key
    url = f"http://{emulator.address}{path}"
    return httpx.request(method, url, headers=headers, timeout=60, trust_env=False)


def check_routes(emulator: Emulator, api: str, prefix: str) -> None:
    """Assert that the API serves its routes, and that the authorizer decides."""
    assert get(emulator, api, f"{prefix}/items/7").json() == {"id": "7"}
    assert request(emulator, api, "POST", f"{prefix}/items", "key").json() == {"by": "someone"}
    assert request(emulator, api, "POST", f"{prefix}/items").status_code == 401
    assert request(emulator, api, "POST", f"{prefix}/items", "wrong").status_code == 403


def mapping_of(emulator: Emulator, function: str) -> str:
    """Return the id of a function's only event source mapping."""
    client = emulator.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return str(mapping["UUID"])


def test_without_a_migration_terraform_makes_all_of_it_again(plans: dict[str, Changes]) -> None:
    assert plans["none"].counts == {"import": 0, "add": 22, "change": 0, "destroy": 14}
    assert not plans["none"].of("replace")


def test_functions_and_queues_stay_when_the_rest_api_becomes_an_http_api(
    plans: dict[str, Changes],
) -> None:
    changes = plans["http"]
    assert changes.counts == {"import": 1, "add": 14, "change": 5, "destroy": 7}
    assert changes.of("create") == HTTP_API | NEW_GROUPS
    assert changes.of("delete") == {
        "aws_api_gateway_deployment.rest_api",
        "aws_api_gateway_rest_api.rest_api",
    }
    assert changes.of("replace") == SCHEDULE | PERMISSIONS
    assert changes.of("update") == FUNCTIONS | {GROUP}


def test_images_replace_functions_and_what_belongs_to_them(plans: dict[str, Changes]) -> None:
    changes = plans["image"]
    assert changes.of("replace") == FUNCTIONS | SCHEDULE | PERMISSIONS
    assert changes.of("update") == {
        GROUP,
        "aws_lambda_event_source_mapping.shop_work-sqs-event-source",
    }


def test_a_rest_api_stays_with_its_stage(migrated: tuple[Migrated, Migrated]) -> None:
    changes = migrated[0].changes
    assert changes.counts == {"import": 2, "add": 7, "change": 7, "destroy": 3}
    assert changes.imported == {"aws_api_gateway_stage.shop_rest_api", GROUP}
    assert changes.of("create") == NEW_GROUPS | {"aws_api_gateway_deployment.shop_rest_api"}
    assert changes.of("remove") == {"aws_api_gateway_deployment.rest_api"}  # from the state
    assert not changes.of("delete")
    assert changes.of("replace") == SCHEDULE


def test_a_migrated_rest_api_serves_its_old_url(
    stack: Stack, migrated: tuple[Migrated, Migrated], emulator: Emulator
) -> None:
    api = stack.identity("aws_api_gateway_rest_api.rest_api")
    kept = migrated[0].stack
    assert kept.identity("aws_api_gateway_rest_api.shop_rest_api") == api
    check_routes(emulator, api, "/api")


def test_queues_keep_their_mappings(
    stack: Stack,
    applied: tuple[Stack, Path],
    migrated: tuple[Migrated, Migrated],
    emulator: Emulator,
) -> None:
    assert migrated
    address = "aws_lambda_event_source_mapping.work-sqs-event-source"
    assert mapping_of(emulator, "shop-dev-work") == stack.identity(address, "uuid")
    assert mapping_of(emulator, "stock-dev-work") == recorded(applied[1], "event_uuid")


def test_what_chalice_deployed_is_imported(migrated: tuple[Migrated, Migrated]) -> None:
    changes = migrated[1].changes
    assert changes.counts == {"import": 9, "add": 15, "change": 4, "destroy": 2}
    assert changes.of("replace") == {  # chalice deploy names them differently
        "aws_cloudwatch_event_target.stock_tick-event",
        "aws_iam_role_policy.stock_default-role",
    }


def test_the_url_of_chalice_deploy_serves_beside_the_new_one(
    applied: tuple[Stack, Path], migrated: tuple[Migrated, Migrated], emulator: Emulator
) -> None:
    check_routes(emulator, migrated[1].stack.identity("aws_apigatewayv2_api.api"), "")
    check_routes(emulator, recorded(applied[1], "rest_api_id"), "/api")


def test_after_a_migration_nothing_is_left_to_do(
    migrated: tuple[Migrated, Migrated], packaged: dict[str, Path]
) -> None:
    kept, adopted = (each.stack for each in migrated)
    kept.merge("shop", packaged["shop"] / "out", "--api", "rest")  # without --migrate
    adopted.merge("stock", packaged["stock"] / "out")
    with ThreadPoolExecutor() as pool:
        for changes in pool.map(lambda stack: stack.plan(), (kept, adopted)):
            assert not changes.actions
            assert not changes.imported


def recorded(deployed: Path, attribute: str) -> str:
    """Return an attribute of the only resource that has it in Chalice's record."""
    resources = json.loads(deployed.read_text())["resources"]
    (found,) = (each[attribute] for each in resources if attribute in each)
    return str(found)
