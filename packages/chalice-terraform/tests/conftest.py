"""Fixtures that package each small app once, and plan merged stacks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.zips import ZIPS
from harness.chalice_apps import FEATURES
from harness.hand_written import AUDIENCES, PROVIDER, as_module
from harness.packaging import ChaliceApp, JsonObject, Package, package
from harness.prerequisites import require_terraform, skip_or_fail
from harness.reading import Merged
from harness.terraform_cli import (
    PLUGINS,
    Plan,
    Terraform,
    TerraformError,
    init,
)

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, print_blob=True, derandomize=True)
settings.register_profile(
    "thorough", deadline=None, max_examples=500, print_blob=True, derandomize=False
)
settings.register_profile("few", deadline=None, max_examples=10)
THOROUGHLY = os.environ.get("THOROUGHLY")
settings.load_profile("thorough" if THOROUGHLY else "ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need Terraform; ``-m "not terraform"`` leaves them out."""
    for item in items:
        if "terraform" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.terraform)


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Package an app by its name in the stack, each name once.

    Its zip files are named by their paths from the folders of ``plan``.
    """
    done: dict[str, Source] = {}

    def once(name: str, app: ChaliceApp) -> Source:
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            template = package(f"app-{name}", app, folder)
            zips = {zipped: f"../../{folder.name}/out/{zipped}" for zipped in ZIPS}
            done[name] = Source(name, template, zips)
        return done[name]

    return once


@pytest.fixture(scope="session")
def feature(packaged: Package) -> Callable[[str], Source]:
    """Return the source of an app in ``FEATURES``."""
    return lambda name: packaged(name, FEATURES[name])


@pytest.fixture(scope="session")
def merged(feature: Callable[[str], Source]) -> Merged:
    """Merge one app of ``FEATURES``, with these options."""

    def alone(name: str, **options: Any) -> JsonObject:
        audiences = AUDIENCES if name == "cognito" else {}
        return merge([feature(name)], Options(audiences=audiences, **options))

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

    def planned(name: str, template: JsonObject) -> JsonObject:
        folder: Path = tmp_path_factory.mktemp("plans") / name
        module = as_module(template)
        return terraform.plan(folder, {"provider.tf": PROVIDER, **module.files}, module.variables)

    return planned
