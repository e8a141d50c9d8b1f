"""The command line of the merge: what it reads, writes and reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import chalice_terraform
from chalice_terraform.command_line.program import main
from chalice_terraform.merging import Source

pytestmark = pytest.mark.xdist_group("merge")


@pytest.fixture
def build(tmp_path: Path, feature: Callable[[str], Source]) -> Path:
    """Return a folder with the output of three apps; the one named layered has a Lambda layer."""
    for name, source in (("jwt", feature("jwt")), ("function", feature("function"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "chalice.tf.json").write_text(json.dumps(source.template))
    layered = feature("function").template
    layered = json.loads(json.dumps(layered).replace("app-function", "app-layered"))
    layered["resource"]["aws_lambda_function"]["work"]["layers"] = ["arn:of:a:layer"]
    (tmp_path / "layered").mkdir()
    (tmp_path / "layered" / "chalice.tf.json").write_text(json.dumps(layered))
    return tmp_path


def run(build: Path, *arguments: str) -> int:
    return main(["merge", *arguments, "--output", str(build / "merged.tf.json")])


def test_all_apps_are_written_to_one_file(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(build, f"jwt={build}/jwt", f"function={build}/function") == 0
    text = (build / "merged.tf.json").read_text()
    assert set(json.loads(text)["output"]) == {"jwt"}
    functions = json.loads(text)["resource"]["aws_lambda_function"]
    assert set(functions) == {"function_work", "jwt_api_handler"}
    assert text.endswith("}\n")
    assert capsys.readouterr().out.startswith(f"wrote {build}/merged.tf.json\n")


@pytest.mark.parametrize(
    ("output", "path"),
    [
        ("merged.tf.json", "function"),
        ("terraform/merged.tf.json", "../function"),
        ("linked/merged.tf.json", "../../function"),
        ("modules/merged.tf.json", "../function"),
    ],
)
def test_zip_files_are_named_by_their_paths_from_the_output(
    output: str, path: str, build: Path
) -> None:
    (build / "terraform" / "deep").mkdir(parents=True)
    (build / "modules" / "one").mkdir(parents=True)
    (build / "linked").symlink_to(build / "modules" / "one")
    (build / "modules" / "merged.tf.json").symlink_to(build / "terraform" / "deep" / "er.tf.json")
    assert main(["merge", f"function={build}/function", "--output", f"{build}/{output}"]) == 0
    merged = json.loads((build / output).read_text())
    function = merged["resource"]["aws_lambda_function"]["function_work"]
    assert function["filename"] == f"${{path.module}}/{path}/deployment.zip"


def test_a_second_run_does_not_touch_the_file(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(build, f"jwt={build}/jwt", f"function={build}/function")
    before = (build / "merged.tf.json").stat()
    assert run(build, f"function={build}/function", f"jwt={build}/jwt") == 0
    after = (build / "merged.tf.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert capsys.readouterr().out.endswith(f"unchanged: {build}/merged.tf.json\n")


def test_each_problem_is_reported_on_one_line_and_the_old_file_is_kept(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (build / "merged.tf.json").write_text("old")
    sources = [f"layered={build}/layered", f"jwt={build}/jwt"]
    assert run(build, *sources, "--package=image", "--audience=pool=x") == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("error: ") for line in lines)
    assert (build / "merged.tf.json").read_text() == "old"


def test_dropped_features_are_reported(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layered = f"layered={build}/layered"
    assert run(build, layered, "--package=image", "--allow-drop=layers") == 0
    assert capsys.readouterr().err.startswith("dropped (layers): app layered: ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["jwt"], "error: jwt: a source must be NAME=DIR"),
        (["jwt="], "error: jwt=: a source must be NAME=DIR"),
        (
            ["jwt=nowhere"],
            "error: app jwt: nowhere/chalice.tf.json is missing; run chalice package",
        ),
        (["jwt={build}/jwt", "--audience=pool"], "error: --audience pool: it must be AUTHORIZER="),
        (["jwt={build}/list"], "error: app jwt: {build}/list/chalice.tf.json is not a JSON object"),
        (["jwt={build}/deep"], "error: app jwt: {build}/deep/chalice.tf.json is not JSON"),
        (["jwt={build}/broken"], "error: app jwt: {build}/broken/chalice.tf.json is not JSON"),
        (["Jwt={build}/jwt"], "error: name Jwt: use lowercase letters and digits"),
    ],
)
def test_bad_input_is_reported_on_one_line(
    arguments: list[str], expected: str, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("list", "[]"), ("broken", "{"), ("deep", "[" * 100_000)):
        (build / name).mkdir()
        (build / name / "chalice.tf.json").write_text(text)
    assert run(build, *(argument.format(build=build) for argument in arguments)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(expected.format(build=build))


def test_options_that_make_no_sense_together_are_wrong_usage(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(build, f"function={build}/function", "--api=rest", "--stage-prefix=live") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: --stage-prefix: --api rest does not take it: ")
    assert not (build / "merged.tf.json").exists()


def test_what_outputs_of_one_module_share_is_written_to_a_file_of_its_own(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = f"--shared={build}/shared.tf.json"
    assert run(build, f"jwt={build}/jwt", shared) == 0
    before = (build / "shared.tf.json").read_text()
    assert "terraform" not in json.loads((build / "merged.tf.json").read_text())
    assert set(json.loads(before)["terraform"]) == {"required_providers", "required_version"}
    assert run(build, f"function={build}/function", "--api=rest", shared) == 0
    assert (build / "shared.tf.json").read_text() == before
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if str(build) in line] == [
        f"wrote {build}/shared.tf.json",
        f"wrote {build}/merged.tf.json",
        f"unchanged: {build}/shared.tf.json",
        f"wrote {build}/merged.tf.json",
    ]


def test_what_is_shared_must_not_replace_the_output(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = f"--shared={build}/./merged.tf.json"
    assert run(build, f"function={build}/function", same) == 2
    assert capsys.readouterr().err == "error: --shared: it must be another file than --output\n"


def test_an_output_that_cannot_be_written_is_reported_on_one_line(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["merge", f"jwt={build}/jwt", "--output", f"{build}/no/such/folder.json"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: {build}/no/such/folder.json: No such file or directory"


def test_a_dash_writes_the_file_alone_to_standard_output(
    build: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    drop = ("--package=image", "--allow-drop=layers")
    assert main(["merge", f"layered={build}/layered", *drop, "--output", "-"]) == 0
    written = capfd.readouterr()
    assert "layered_image" in json.loads(written.out)["variable"]
    assert written.err.startswith("dropped (layers): ")
    assert not Path("-").exists()


def test_a_reader_of_standard_output_that_has_gone_is_reported_on_one_line(build: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    source = str(Path(chalice_terraform.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "chalice_terraform", "merge", f"jwt={build}/jwt", "--output", "-"],
        env={**os.environ, "PYTHONPATH": source},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "error: standard output: Broken pipe\n")


def test_an_unknown_drop_is_rejected_with_a_list_of_known_ones(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(build, f"jwt={build}/jwt", "--allow-drop=everything")
    error = capsys.readouterr().err.replace("'", "")  # newer Pythons quote no choices
    assert "api-key, authorizer-scopes" in error


@pytest.mark.parametrize("arguments", [[], ["jwt=build/jwt", "--output", "merged.tf.json"]])
def test_a_command_is_required(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "chalice-terraform: error: " in capsys.readouterr().err


def test_the_command_needs_the_standard_library_alone(build: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", _ALONE, str(Path(chalice_terraform.__file__).parents[1])],
        cwd=build,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("wrote merged.tf.json\n"), done.stderr


_ALONE = """
import runpy, sys
sys.path = [sys.argv[1], *(path for path in sys.path if "site-packages" not in path)]
sys.argv = ["chalice-terraform", "merge", "jwt=jwt", "--output", "merged.tf.json"]
runpy.run_module("chalice_terraform", run_name="__main__", alter_sys=False)
"""


def test_a_migration_is_written_into_the_same_file_and_its_notes_are_printed(
    build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = f"function={build}/function"
    assert run(build, source, "--migrate=function=terraform") == 0
    template = json.loads((build / "merged.tf.json").read_text())
    assert {"from": "aws_lambda_function.work", "to": "aws_lambda_function.function_work"} in (
        template["moved"]
    )
    assert "migration: app function: log groups: " in capsys.readouterr().out
    listing = build / "groups.json"
    listing.write_text('{"logGroups": [{"logGroupName": "/aws/lambda/app-function-dev-work"}]}')
    assert run(build, source, f"--migrate=function={listing}") == 0
    template = json.loads((build / "merged.tf.json").read_text())
    assert [each["id"] for each in template["import"]] == ["/aws/lambda/app-function-dev-work"]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("function", "it must be APP=WHAT, such as shop=terraform"),
        ("function=", "it must be APP=WHAT, such as shop=terraform"),
        ("function=nowhere.json", "nowhere.json: No such file or directory; give terraform, "),
        ("function={build}/broken", "{build}/broken is not JSON: "),
        ("other=terraform", "no source has this name; the names are function"),
    ],
)
def test_what_cannot_be_migrated_is_reported_on_one_line(
    what: str, expected: str, build: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (build / "broken").write_text("{")
    given = what.format(build=build)
    assert run(build, f"function={build}/function", f"--migrate={given}") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: --migrate {given}: {expected.format(build=build)}")
