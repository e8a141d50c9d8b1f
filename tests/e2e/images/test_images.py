"""What is in the images, and that the same sources always give the same ones."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import PROJECT_NAME
from tests.e2e.containers import Environment, git
from tests.e2e.images.conftest import Clone
from tests.support.container_engine import BASE_IMAGE, docker
from tests.support.lambda_emulator import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

APPS = ["command", "query"]
OURS = {
    "command": ["app.py", "chalice_terraform", "core"],
    "query": ["app.py", "chalice_terraform", "core", "pages"],
}
PACKED = {"command": [], "query": ["LICENSE", "swagger-ui-bundle.js.gz", "swagger-ui.css.gz"]}

[PYTHON] = re.findall(r"python:(\d+\.\d+)[\d.]*-slim", (ROOT / "apps" / "Dockerfile").read_text())
"""The version of Python that is deployed."""

# Run inside an image: reports what is in it.
INSPECTION = """
import ctypes, importlib.util, json, os, pathlib, ssl, sys
import app
import boto3
import chalice_terraform.runtime.tokens
from core.config import PROJECT_NAME
task = pathlib.Path("/var/task")
tools = ("pip", "setuptools", "wheel", "ensurepip")
root = pathlib.Path("/")
folders = [root / name for name in ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin")]
libraries = [*task.rglob("*.so"), *root.glob("usr/**/*.so")]
def fails(library):
    try:
        ctypes.CDLL(str(library))
    except OSError as error:
        return str(error)
modules = [m for n, m in sys.modules.items() if n != "__main__" and getattr(m, "__cached__", None)]
print(json.dumps({
    "user": os.getuid(),
    "programs": sorted({path.name for folder in folders for path in folder.glob("*")}),
    "libraries that fail": [*filter(None, map(fails, libraries))],
    "certificates": bool(ssl.create_default_context().get_ca_certs()),
    "dynamodb": boto3.client("dynamodb", region_name="eu-central-1").meta.endpoint_url,
    "pydantic": importlib.util.find_spec("pydantic") is not None,
    "installers": [name for name in tools if importlib.util.find_spec(name)],
    "tests": [str(path) for path in task.rglob("tests") if path.is_dir()],
    "models": sorted(path.name for path in (task / "botocore/data").iterdir() if path.is_dir()),
    "ours": sorted(
        {"app.py", "apps", "chalice_terraform", "core", "pages"} & {p.name for p in task.iterdir()}
    ),
    "of chalice-terraform": sorted(p.name for p in (task / "chalice_terraform").iterdir()),
    "swagger-ui": sorted(path.name for path in task.glob("flask_swagger_ui/*/*")),
    "uncompiled": [m.__name__ for m in modules if not os.path.exists(m.__cached__)],
    "writable": any(os.access(path, os.W_OK) for path in (task, task / "app.py")),
}))
"""


def test_two_clones_in_different_folders_build_the_same_images(
    first_clone: Clone, clone: Callable[[str], Clone], engine: Environment, tmp_path: Path
) -> None:
    # With a base image of another name and id, the engine takes nothing from the first build.
    again = f"{BASE_IMAGE}-again"
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE_IMAGE}\nLABEL again=1\n")
    docker(engine, "build", "--quiet", "--tag", again, str(tmp_path))
    second = clone("elsewhere")
    second = replace(second, environment={**second.environment, "BASE_IMAGE": again})

    assert first_clone.built.count("sha256:") == 2
    assert second.build() == first_clone.built


def test_terraform_gets_both_images_by_digest(images: Mapping[str, str]) -> None:
    assert set(images) == {"command", "query"}
    for app, image in images.items():
        repository, _, digest = image.partition("@")
        assert repository.endswith(f"/{PROJECT_NAME}/{app}")
        assert len(digest.removeprefix("sha256:")) == 64


@pytest.mark.parametrize("app", APPS)
def test_an_image_has_only_the_compiled_read_only_code_of_its_functions(
    app: str, images: Mapping[str, str], engine: Environment, database: Environment
) -> None:
    settings = [part for item in database.items() for part in ("--env", "=".join(item))]
    run = ("run", "--rm", "--read-only", *settings, "--entrypoint", "python3")

    found = json.loads(docker(engine, *run, images[app], "-c", INSPECTION))

    assert found == {
        "user": 65534,
        "programs": ["python3", f"python{PYTHON}"],
        "libraries that fail": [],
        "certificates": True,
        "dynamodb": "https://dynamodb.eu-central-1.amazonaws.com",
        "pydantic": app == "command",
        "installers": [],
        "tests": [],
        "models": ["dynamodb", "events", "sqs"],
        "ours": OURS[app],
        "of chalice-terraform": ["__init__.py", "__pycache__", "runtime"],
        "swagger-ui": PACKED[app],
        "uncompiled": [],
        "writable": False,
    }


@pytest.mark.parametrize("app", APPS)
def test_an_image_is_labelled_with_its_origin(
    app: str, images: Mapping[str, str], engine: Environment, first_clone: Clone
) -> None:
    [image] = json.loads(docker(engine, "image", "inspect", images[app]))
    revision = git(first_clone.root, "rev-parse", "HEAD").strip()
    committed = git(first_clone.root, "log", "-1", "--format=%cd", "--date=format:%Y-%m-%dT%H:%M")

    assert image["Config"]["Labels"] == {
        "org.opencontainers.image.title": f"{PROJECT_NAME} {app}",
        "org.opencontainers.image.version": revision[:7],
        "org.opencontainers.image.revision": revision,
        "org.opencontainers.image.source": "",
    }
    assert image["Created"].startswith(committed.strip())
