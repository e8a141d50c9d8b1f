"""The Dockerfile that chalice-terraform writes: a plain Chalice app in an image of its own."""

import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from chalice_terraform.command_line.program import main
from harness.gateway_events import HttpRequest, payload_1
from tests.e2e.containers import LAMBDA_BASE, Builder, Environment, refuse
from tests.support.container_engine import NotHere, docker
from tests.support.lambda_emulator import find_emulator, function_in_container

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]

APP = {
    "app.py": """
import os

import idna
import vendored
from chalice import Chalice
from chalicelib.words import GREETING

app = Chalice(app_name="greeter")

@app.route("/greetings/{name}")
def greet(name):
    return [GREETING, vendored.PLACE, idna.encode(name).decode()]

@app.lambda_function()
def look(event, context):
    return {"user": os.getuid(), "files": sorted(os.listdir(".")), "chalice": os.listdir("chalice")}
""",
    "chalicelib/__init__.py": "",
    "chalicelib/words.py": "GREETING = 'Hello'\n",
    "chalicelib/__pycache__/words.cpython-39.pyc": "of chalice local",
    "requirements.txt": "-r more.txt  # nothing else\n",
    "more.txt": "idna==3.10\n",
    "vendor/vendored.py": "PLACE = 'from vendor'\n",
    ".chalice/config.json": json.dumps({"version": "2.0", "app_name": "greeter"}),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the app, with its Dockerfile."""
    folder = tmp_path_factory.mktemp("an app")
    for name, text in APP.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    assert main(["dockerfile", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def image(builder: Builder, project: Path) -> str:
    """Return the app's image."""
    return builder.build(project, LAMBDA_BASE, "greeter:one")


def test_the_functions_of_a_chalice_app_run_in_its_image(
    image: str, engine: Environment, tmp_path: Path
) -> None:
    try:
        find_emulator()
    except NotHere as problem:
        refuse(problem)
    with function_in_container(engine, image, None, {}, tmp_path) as function:
        event = payload_1(HttpRequest("GET", "/greetings/{name}", {"name": "émma"}))
        response = function.invoke(event)
        assert json.loads(response["body"]) == ["Hello", "from vendor", "xn--mma-9la"]
    with function_in_container(engine, image, "app.look", {}, tmp_path) as function:
        found = function.invoke({})
        assert found["user"] == 65534
        assert sorted(found["chalice"]) == ["__init__.py", "__pycache__", "app.py"]
        assert found["files"] == [
            "__pycache__",
            "app.py",
            "chalice",
            "chalicelib",
            "idna",
            "idna-3.10.dist-info",
            "vendored.py",
        ]


def test_another_clone_gives_the_same_image(
    image: str, builder: Builder, project: Path, tmp_path: Path
) -> None:
    clone = shutil.copytree(project, tmp_path / "clone")
    os.utime(clone / "app.py", (1, 1))
    (clone / "app.py").chmod(0o600)
    shutil.rmtree(clone / "chalicelib" / "__pycache__")
    other = builder.build(clone, LAMBDA_BASE, "greeter:other", "--no-cache")

    one, two = (contents(builder.engine, tag, tmp_path) for tag in (image, other))
    assert one == two


def contents(engine: Environment, image: str, scratch: Path) -> dict[str, Any]:
    """Return what an image adds to its base, and its settings.

    Without what Docker's old builder stamps: ids, the time of the build, and that time on folders
    that the base has already. Newer builders have an option for that.
    """
    archive = scratch / "image.tar"
    docker(engine, "save", "--output", str(archive), image)
    with tarfile.open(archive) as saved:
        [manifest] = read(saved, "manifest.json")
        settings = read(saved, manifest["Config"])["config"]
        *base, layer = manifest["Layers"]
        with tarfile.open(fileobj=saved.extractfile(layer)) as files:
            added = {member.name: describe(files, member) for member in files}
    return {
        "base": len(base),
        "added": added,
        "settings": {name: settings.get(name) for name in ("Cmd", "Entrypoint", "Env", "User")},
    }


def read(saved: tarfile.TarFile, name: str) -> Any:
    stored = saved.extractfile(name)
    assert stored is not None
    return json.load(stored)


def describe(files: tarfile.TarFile, member: tarfile.TarInfo) -> Mapping[str, Any]:
    stored = files.extractfile(member) if member.isreg() else None
    return {
        "mode": member.mode,
        "owner": (member.uid, member.gid),
        "time": None if member.name in ("var", "var/task") else member.mtime,
        "content": stored and sha256(stored.read()).hexdigest(),
    }
