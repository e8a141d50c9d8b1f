"""chalice-terraform's sdist and wheel: built, installed in an empty environment, and used."""

import re
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

from harness.packaging import ChaliceApp, package
from tests.support.distribution import PACKAGE, Built, build, install, run

PROJECT = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
APP = ChaliceApp("app.route('/items')(lambda: [])\n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("built"), 1_600_000_000)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment that has the wheel and nothing else."""
    return install(built.wheel, tmp_path_factory.mktemp("installed"))


def test_two_builds_are_the_same_bytes(built: Built, tmp_path: Path) -> None:
    again = build(tmp_path, 1_650_000_000)
    assert again.sdist.read_bytes() == built.sdist.read_bytes()
    assert again.wheel.read_bytes() == built.wheel.read_bytes()


def test_the_wheel_has_the_package_and_its_licence_alone(built: Built) -> None:
    names = set(zipfile.ZipFile(built.wheel).namelist())
    about = f"chalice_terraform-{metadata(built).version}.dist-info"
    modules = {name for name in names if not name.startswith(f"{about}/")}
    assert modules == files(PACKAGE / "src")
    assert "chalice_terraform/py.typed" in modules
    assert f"{about}/licenses/LICENSE" in names


def test_the_sdist_has_what_its_tests_and_readers_need(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names == files(PACKAGE) | {"PKG-INFO"}


def files(folder: Path) -> set[str]:
    """Return the names of the files in a folder, without what programs leave there."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path.as_posix()
        for path in paths
        if not any(part == "__pycache__" or part.startswith(".") for part in path.parts)
    }


def metadata(built: Built) -> Metadata:
    """Return the wheel's metadata, which is valid: package indexes check the same."""
    archive = zipfile.ZipFile(built.wheel)
    [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    return Metadata.from_email(archive.read(name), validate=True)


def test_the_metadata_is_valid(built: Built) -> None:
    found = metadata(built)
    assert found.name == "chalice-terraform"
    assert found.license_expression == "Apache-2.0"
    assert found.description_content_type == "text/markdown"
    assert str(found.requires_python) == PROJECT["requires-python"]
    assert [str(each) for each in found.requires_dist or []] == ['joserfc; extra == "local"']


def test_the_version_is_the_newest_of_the_changelog(built: Built) -> None:
    changelog = (PACKAGE / "CHANGELOG.md").read_text()
    newest = re.findall(r"^## \[(\d[\w.]*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)[0]
    assert str(metadata(built).version) == newest


def test_the_command_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    package("shop", APP, tmp_path / "shop")
    command = installed / "bin" / "chalice-terraform"
    assert "merge" in run(command, "--help", folder=tmp_path)
    run(command, "merge", "shop=shop/out", "--output", "merged.tf.json", folder=tmp_path)
    assert "GET /items" in (tmp_path / "merged.tf.json").read_text()
    module = run(installed / "bin" / "python", "-m", "chalice_terraform", "--help", folder=tmp_path)
    assert module == run(command, "--help", folder=tmp_path)
