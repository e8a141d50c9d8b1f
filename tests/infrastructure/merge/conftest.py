"""Fixtures that package each small app once, and plan merged stacks."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from terraform.merge import Options, Source, merge
from terraform.merge.cli import as_text
from tests.infrastructure.merge.chalice_apps import FEATURES
from tests.infrastructure.merge.hand_written import AUDIENCES, HAND_WRITTEN
from tests.infrastructure.merge.packaging import ChaliceApp, JsonObject, package
from tests.infrastructure.merge.terraform_cli import (
    IMAGE,
    PLUGINS,
    Terraform,
    TerraformError,
    init,
)
from tests.infrastructure.prerequisites import require_terraform, skip_or_fail

Package = Callable[[str, ChaliceApp], Source]
Plan = Callable[[str, JsonObject, Sequence[str]], JsonObject]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden file")


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Package an app by its name in the stack, each name once."""
    done: dict[str, Source] = {}

    def once(name: str, app: ChaliceApp) -> Source:
        if name not in done:
            template = package(f"app-{name}", app, tmp_path_factory.mktemp(name))
            done[name] = Source(name, template)
        return done[name]

    return once


@pytest.fixture(scope="session")
def feature(packaged: Package) -> Callable[[str], Source]:
    """Return the source of an app in ``FEATURES``."""
    return lambda name: packaged(name, FEATURES[name])


@pytest.fixture(scope="session")
def merged(feature: Callable[[str], Source]) -> Callable[[str], JsonObject]:
    """Merge one app of ``FEATURES``."""

    def alone(name: str) -> JsonObject:
        audiences = AUDIENCES if name == "cognito" else {}
        return merge([feature(name)], Options(audiences=audiences))

    return alone


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform with the AWS provider: required in CI, elsewhere the tests are skipped without."""
    program = require_terraform()
    settings = {"required_providers": {"aws": {"source": "hashicorp/aws"}}}
    try:
        configuration = json.dumps({"terraform": settings})
        return init(program, tmp_path_factory.mktemp("terraform"), configuration)
    except TerraformError as error:
        skip_or_fail(f"terraform has no AWS provider: go online or set {PLUGINS} ({error})")


@pytest.fixture(scope="session")
def plan(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Plan a merged template beside ``HAND_WRITTEN``, which refers to the app ``function``."""

    def planned(name: str, template: JsonObject, apps: Sequence[str]) -> JsonObject:
        folder: Path = tmp_path_factory.mktemp("plans") / name
        variables = {f"{app}_image": IMAGE for app in apps}
        if "account_id" in template["variable"]:
            variables["account_id"] = "123456789012"
        files = {"chalice.tf.json": as_text(template), "hand_written.tf": HAND_WRITTEN}
        return terraform.plan(folder, files, variables)

    return planned
