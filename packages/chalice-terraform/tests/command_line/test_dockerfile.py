"""``chalice-terraform dockerfile``; the project's tests/e2e/images build and run what it writes."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from chalice_terraform.command_line.dockerfile import as_dockerfile, read_recipe
from chalice_terraform.command_line.packaging import chalice_version
from chalice_terraform.command_line.program import main
from chalice_terraform.merging import MergeError


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path / "app.py", "")
    configure(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def configure(project: Path, **config: Any) -> None:
    write(project / ".chalice" / "config.json", json.dumps({"app_name": "My_Shop", **config}))


def dockerfile(project: Path) -> str:
    return as_dockerfile(read_recipe(str(project), "1.34.0", "3.12"))


def copied(text: str) -> list[str]:
    """Return what the file copies from the app's folder."""
    sources = re.findall(r'^COPY (?:\["(.+?)", |(?!--from)(\S+) )', text, re.MULTILINE)
    return [quoted or plain for quoted, plain in sources]


def test_only_what_is_there_is_copied(project: Path) -> None:
    (project / "vendor").mkdir()  # not in a clone
    write(project / "requirements.txt", "# none yet\n")
    write(project / "chalicelib" / "__pycache__" / "gone.cpython-311.pyc", "")
    assert copied(dockerfile(project)) == ["app.py"]
    write(project / "vendor" / "some" / "module.py", "")
    write(project / "chalicelib" / "__init__.py", "")
    write(project / "requirements.txt", "boto3\n")
    assert copied(dockerfile(project)) == ["requirements.txt", "app.py", "chalicelib", "vendor"]


def test_versions_and_platform_are_those_of_chalice(project: Path) -> None:
    text = dockerfile(project)
    assert "ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.12\n" in text
    assert "--no-deps chalice==1.34.0 \\\n" in text
    assert "docker build --platform linux/amd64 --tag my-shop APP_DIR\n" in text
    assert chalice_version(str(Path(sys.executable).with_name("chalice"))) == (
        version("chalice"),
        ".".join(map(str, sys.version_info[:2])),
    )


@pytest.mark.parametrize(
    ("config", "platforms"),
    [
        ({"lambda_architecture": "arm64"}, "linux/arm64"),
        ({"lambda_architecture": "arm64", "stages": {"dev": {}}}, "linux/arm64"),
        ({"stages": {"dev": {"lambda_architecture": "arm64"}}}, "linux/arm64"),
        (
            {"stages": {"a": {}, "b": {"lambda_architecture": "arm64"}}},
            "linux/amd64 or linux/arm64",
        ),
    ],
)
def test_the_platforms_are_those_of_the_stages(
    config: dict[str, Any], platforms: str, project: Path
) -> None:
    configure(project, **config)
    assert f"docker build --platform {platforms} --tag" in dockerfile(project)


def test_every_file_of_requirements_is_copied_once(project: Path) -> None:
    write(project / "requirements.txt", "-r more/base.txt\n--constraint=locked.txt # all\nboto3\n")
    write(project / "more" / "base.txt", "-r a b.txt\n-c../locked.txt\n-r base.txt\nidna\n")
    with pytest.raises(MergeError, match=r"more/base.txt: \.\./locked.txt: it is outside"):
        dockerfile(project)
    write(project / "more" / "base.txt", "-r a b.txt\n-rbase.txt\n-r https://x.example/y.txt\n")
    with pytest.raises(MergeError, match="is missing, and a file of requirements includes it"):
        dockerfile(project)
    write(project / "more" / "a b.txt", "idna\n")
    write(project / "locked.txt", "idna==3.10 \\\n    --hash=sha256:9d/6a\n")
    text = dockerfile(project)
    assert copied(text)[:-1] == [
        "requirements.txt",
        "more/base.txt",
        "more/a b.txt",
        "locked.txt",
    ]
    assert 'COPY ["more/a b.txt", "/build/more/a b.txt"]\n' in text


@pytest.mark.parametrize(
    "line",
    [
        ".",
        "./lib",
        "/opt/lib",
        "lib/one",
        "one-1.0-py3-none-any.whl",
        "one.tar.gz ; python_version > '3'",
        "-e .",
        "--editable=lib",
        "-f wheels",
        "one @ file:///opt/one",
        "file:one.zip",
    ],
)
def test_a_requirement_of_this_machine_is_a_problem(line: str, project: Path) -> None:
    write(project / "requirements.txt", f"boto3\n{line}\n")
    with pytest.raises(MergeError) as raised:
        dockerfile(project)
    (problem,) = raised.value.problems
    assert str(problem) == (
        f"{project}/requirements.txt: {line}: the image has no files of this machine; put it into "
        "vendor/"
    )


@pytest.mark.parametrize(
    "line",
    [
        "boto3>=1,<2; python_version > '3.8'",
        "one[all]==1.0",
        "one @ git+https://github.com/one/one@v1",
        "-e git+https://github.com/one/one#egg=one",
        "https://example.com/one-1.0-py3-none-any.whl",
        "--extra-index-url https://example.com/simple",
        "--find-links=https://example.com/wheels",
        "one==1.0 --hash=sha256:9d6a",
    ],
)
def test_a_requirement_from_elsewhere_is_left_to_pip(line: str, project: Path) -> None:
    write(project / "requirements.txt", f"{line}\n")
    assert copied(dockerfile(project)) == ["requirements.txt", "app.py"]


def test_nothing_in_the_file_needs_buildkit_or_names_this_machine(project: Path) -> None:
    write(project / "vendor" / "module.py", "")
    write(project / "requirements.txt", "boto3\n")
    text = dockerfile(project)
    assert not re.search(r"--mount|--chmod|--link|<<|# syntax", text)
    assert str(project) not in text
    assert ".chalice" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_file_is_written_to_the_folder_of_the_app(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for said in ("wrote", "unchanged:"):
        assert main(["dockerfile", str(project)]) == 0
        assert capsys.readouterr().out == f"{said} {project}/Dockerfile\n"
    assert (project / "Dockerfile").read_text().startswith("# Written by `chalice-terraform")
    assert main(["dockerfile", str(project), "--output", f"{project}/other"]) == 0
    assert (project / "other").read_bytes() == (project / "Dockerfile").read_bytes()


def test_the_file_is_written_to_standard_output(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["dockerfile", str(project), "--output=-"]) == 0
    assert capfd.readouterr().out.endswith('CMD ["app.app"]\n')
    assert not (project / "Dockerfile").exists()


def test_a_file_that_someone_else_wrote_is_kept(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project / "Dockerfile", "FROM scratch\n")
    assert main(["dockerfile", str(project)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {project}/Dockerfile: something else wrote it; remove it")
    assert (project / "Dockerfile").read_text() == "FROM scratch\n"


@pytest.mark.parametrize(
    ("missing", "expected"), [("app.py", "app.py is missing"), (".chalice/config.json", "config")]
)
def test_a_folder_without_an_app_is_a_problem(missing: str, expected: str, project: Path) -> None:
    (project / missing).unlink()
    with pytest.raises(MergeError, match=expected):
        dockerfile(project)


def test_a_program_that_names_no_versions_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path / "chalice", "#!/bin/sh\necho 'no module chalice' >&2; exit 1\n")
    (tmp_path / "chalice").chmod(0o755)
    with pytest.raises(MergeError, match="it does not name its versions: no module chalice"):
        chalice_version(str(tmp_path / "chalice"))
