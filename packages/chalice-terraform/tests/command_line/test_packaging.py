"""``chalice-terraform package``: it runs the real ``chalice package``."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chalice_terraform.command_line.packaging import find_chalice
from chalice_terraform.command_line.program import main
from chalice_terraform.command_line.projects import Project, find_projects
from chalice_terraform.merging import MergeError
from harness.packaging import JsonObject

pytestmark = pytest.mark.xdist_group("merge")

WORKER = """
from chalice import Chalice
from chalicelib.words import HELLO

app = Chalice(app_name="worker")

@app.lambda_function()
def work(event, context):
    return HELLO
"""
LAYERED = {
    "app.py": WORKER,
    "chalicelib/__init__.py": "",
    "chalicelib/words.py": "HELLO = 'hello'\n",
    "vendor/some/module.py": "x = 1\n",
    ".chalice/config.json": json.dumps(
        {
            "version": "2.0",
            "app_name": "My-Worker",
            "automatic_layer": True,
            "stages": {"dev": {}, "prod": {"lambda_timeout": 7}},
        }
    ),
}
SHOP = {
    "app.py": """
from chalice import Chalice

app = Chalice(app_name="shop")

@app.route("/")
def index():
    return {}
""",
    ".chalice/config.json": json.dumps({"version": "2.0", "app_name": "shop"}),
}


def create(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module", autouse=True)
def environment() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two apps, which are packaged to its folder ``terraform``."""
    folder = tmp_path_factory.mktemp("two apps")
    create(folder / "layered", LAYERED)
    create(folder / "web", SHOP)
    apps = [f"{folder}/layered", f"web={folder}/web"]
    assert main(["package", *apps, "--output", f"{folder}/terraform"]) == 0
    return folder


def test_the_template_and_the_zip_files_are_written_to_one_folder(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "terraform").iterdir()) == [
        "chalice.tf.json",
        "myworker-layer.zip",
        "myworker.zip",
        "web.zip",
    ]
    functions = read(folder)["resource"]["aws_lambda_function"]
    assert {name: body["filename"] for name, body in functions.items()} == {
        "myworker_work": "${path.module}/myworker.zip",
        "web_api_handler": "${path.module}/web.zip",
    }
    with zipfile.ZipFile(folder / "terraform" / "myworker.zip") as zipped:
        assert zipped.namelist() == [
            "app.py",
            "chalice/__init__.py",
            "chalice/app.py",
            "chalicelib/__init__.py",
            "chalicelib/words.py",
        ]


def test_chalice_leaves_no_bytecode_in_the_sources(folder: Path) -> None:
    assert not list(folder.rglob("__pycache__"))


def read(folder: Path) -> JsonObject:
    template = json.loads((folder / "terraform" / "chalice.tf.json").read_text())
    assert isinstance(template, dict)
    return template


def test_another_clone_gives_the_same_files_and_touches_none(folder: Path, tmp_path: Path) -> None:
    before = {path: path.stat() for path in (folder / "terraform").iterdir()}
    layered = create(tmp_path / "clone of layered", dict(reversed(LAYERED.items())))
    create(layered, {"chalicelib/__pycache__/words.cpython-311.pyc": "of chalice local"})
    (layered / "chalicelib" / "words.py").chmod(0o600)
    os.utime(layered / "chalicelib" / "words.py", (1, 1))
    shop = shutil.copytree(folder / "web", tmp_path / "web")
    apps = [f"{shop}/../web/", f"{layered}"]
    assert main(["package", f"web={apps[0]}", apps[1], f"--output={folder}/terraform"]) == 0
    after = {path: path.stat() for path in (folder / "terraform").iterdir()}
    assert {p: (s.st_ino, s.st_mtime_ns) for p, s in after.items()} == {
        p: (s.st_ino, s.st_mtime_ns) for p, s in before.items()
    }


def test_images_have_no_zip_files_and_the_stage_is_chalices(folder: Path, tmp_path: Path) -> None:
    options = ["--stage=prod", "--package=image", "--allow-drop=layers"]
    output = ["--output", f"{tmp_path}/terraform"]
    assert main(["package", f"worker={folder}/layered", *options, *output]) == 0
    assert [path.name for path in (tmp_path / "terraform").iterdir()] == ["chalice.tf.json"]
    function = read(tmp_path)["resource"]["aws_lambda_function"]["worker_work"]
    assert function["timeout"] == 7
    assert function["function_name"] == "My-Worker-prod-work"
    assert function["image_uri"] == "${var.worker_image}"


def test_a_stack_beside_another_has_a_file_of_its_own_and_shares_a_third(
    folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "terraform" / "web.tf.json"
    shared = tmp_path / "terraform" / "shared.tf.json"
    options = ["--api=rest", f"--output={output}", f"--shared={shared}"]
    assert main(["package", f"web={folder}/web", *options]) == 0
    files = sorted(path.name for path in output.parent.iterdir())
    assert files == ["shared.tf.json", "web.tf.json", "web.zip"]
    assert "terraform" not in json.loads(output.read_text())
    assert "terraform" in json.loads(shared.read_text())


def test_if_an_app_cannot_be_packaged_nothing_is_written(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = create(tmp_path / "broken", {**SHOP, "app.py": "raise ValueError('out of order')\n"})
    apps = [f"web={folder}/web", f"broken={broken}"]
    assert main(["package", *apps, f"--output={tmp_path}/terraform"]) == 1
    said = capfd.readouterr()
    assert "out of order" in said.err
    assert said.err.splitlines()[-1].startswith("error: app broken: chalice package failed with")
    assert said.out == ""
    assert not (tmp_path / "terraform").exists()


def test_a_package_of_earlier_sources_is_a_problem(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    layered = create(tmp_path / "layered", LAYERED)
    output = f"--output={tmp_path}/terraform"
    assert main(["package", str(layered), output]) == 0
    create(layered, {"chalicelib/more/__init__.py": ""})
    (layered / "vendor" / "some").rename(layered / "vendor" / "other")
    assert main(["package", str(layered), output]) == 1
    assert capfd.readouterr().err.splitlines()[-1] == (
        "error: app myworker: Chalice used a package of earlier sources again, which lacks "
        "chalicelib/more/__init__.py, vendor/other/module.py; "
        f"remove {layered}/.chalice/deployments"
    )


def test_an_app_is_called_by_its_app_name_unless_it_is_named(tmp_path: Path) -> None:
    create(tmp_path / "any = folder", LAYERED)
    create(tmp_path / "web", SHOP)
    assert find_projects([f"{tmp_path}/any = folder", f"front={tmp_path}/web"]) == [
        Project("myworker", tmp_path / "any = folder"),
        Project("front", tmp_path / "web"),
    ]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, "{app}: {app}/.chalice/config.json is missing; give the folder of a Chalice app"),
        ("{", "{app}: {app}/.chalice/config.json is not JSON: "),
        ("{}", "{app}: its app_name, None, gives it no name in the stack; name it, as in shop="),
        ('{"app_name": "9-lives"}', "{app}: its app_name, 9-lives, gives it no name in the stack"),
        ('{"app_name": "Ψ"}', "{app}: its app_name, Ψ, gives it no name in the stack; name it"),
    ],
)
def test_a_folder_that_gives_no_name_is_a_problem(
    config: str | None, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if config is not None:
        create(tmp_path, {".chalice/config.json": config})
    assert main(["package", str(tmp_path), f"--output={tmp_path}/terraform"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: " + expected.format(app=tmp_path))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["{shop}", "{shop}"], "error: name shop: two sources have this name; rename one"),
        (["Shop={shop}"], "error: name Shop: use lowercase letters and digits"),
        (["{shop}", "--image=web"], "error: --image web: no app has this name"),
        (
            ["{shop}", "--shared={shop}/../terraform/chalice.tf.json"],
            "error: --shared: it must be another file than --output",
        ),
    ],
)
def test_wrong_arguments_are_reported_before_chalice_runs(
    arguments: list[str], expected: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop = create(tmp_path / "shop", SHOP)
    given = [argument.format(shop=shop) for argument in arguments]
    assert main(["package", *given, f"--output={tmp_path}/terraform"]) != 0
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(expected)


def test_chalice_is_looked_for_beside_the_program_and_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anywhere: Callable[[str], str] = lambda _: str(tmp_path / "no scripts")  # noqa: E731
    assert Path(find_chalice({})).name == "chalice"
    monkeypatch.setattr("sysconfig.get_path", anywhere)
    with pytest.raises(MergeError, match="not installed beside chalice-terraform and not on PATH"):
        find_chalice({"PATH": str(tmp_path)})
    (tmp_path / "chalice").write_text("#!/bin/sh\n")
    (tmp_path / "chalice").chmod(0o755)
    assert find_chalice({"PATH": str(tmp_path)}) == str(tmp_path / "chalice")
