"""What the command reports, to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chalice_terraform.command_line.program import main
from chalice_terraform.merging.notes import NOTES
from harness.random_apps import RandomApp, RandomRoute, package_in_process

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "report.md"
SHOP = RandomApp(
    routes=(
        RandomRoute("GET", "/items", "public", ()),
        RandomRoute("PUT", "/items/{id}", "cognito", ()),
    ),
    handlers={"nightly": "schedule", "inbox": "sqs"},
    variables={},
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with the package of an app, its template in the folder shop."""
    (tmp_path / "shop").mkdir()
    template = package_in_process("shop", SHOP)
    (tmp_path / "shop" / "chalice.tf.json").write_text(json.dumps(template))
    return tmp_path


def run(shop: Path, *arguments: str, audience: Sequence[str] = ("--audience=cognito=web",)) -> int:
    output = str(shop / "merged.tf.json")
    fixed = (f"shop={shop}/shop", "--package=image", f"--output={output}")
    return main(["merge", *fixed, *audience, *arguments])


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the one JSON document on standard output; nothing else may be printed."""
    printed = capsys.readouterr()
    assert not printed.err
    found = json.loads(printed.out)
    assert isinstance(found, dict)
    return found


def test_people_read_what_was_written_and_what_they_must_know(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(shop) == 0
    wrote, counts, *notes = capsys.readouterr().out.splitlines()
    assert wrote == f"wrote {shop}/merged.tf.json"
    assert counts == "  shop: 3 functions, 2 routes, 1 authorizer, 2 event sources"
    assert notes
    assert all(note.startswith("note: ") and "app shop" not in note for note in notes)


def test_a_note_names_its_apps_unless_it_concerns_all(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "jobs").mkdir()
    jobs = package_in_process("jobs", RandomApp((), {"nightly": "schedule"}, {}))
    (shop / "jobs" / "chalice.tf.json").write_text(json.dumps(jobs))
    sources = [f"{name}={shop}/{name}" for name in ("shop", "jobs")]
    output = f"--output={shop}/merged.tf.json"
    assert main(["merge", *sources, output, "--audience=cognito=web"]) == 0
    notes = [it for it in capsys.readouterr().out.splitlines() if it.startswith("note: ")]
    assert notes
    assert all(note.startswith("note: app shop: ") for note in notes)


def test_of_a_file_that_was_right_already_there_is_one_line(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shop)
    capsys.readouterr()
    assert run(shop) == 0
    assert capsys.readouterr().out == f"unchanged: {shop}/merged.tf.json\n"


def test_programs_read_one_document(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shop, "--format=json") == 0
    found = document(capsys)
    assert found["version"] == 1
    assert found["files"] == [{"file": f"{shop}/merged.tf.json", "changed": True}]
    assert found["problems"] == []
    assert found["apps"] == [
        {"name": "shop", "functions": 3, "routes": 2, "authorizers": 1, "event_sources": 2}
    ]
    assert {note["name"] for note in found["notes"]} >= {"new-url", "array-claims"}
    assert {"address": "var.shop_image", "why": "the functions of shop run this image"} in found[
        "added"
    ]


def test_the_document_says_what_became_of_each_thing(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shop, "--format=json")
    became = {entry["source"]: entry for entry in document(capsys)["resources"]}
    assert became["PUT /items/{id}"] == {
        "app": "shop",
        "kind": "route",
        "source": "PUT /items/{id}",
        "outcome": "replaced",
        "stack": ["local.shop_routes", 'aws_apigatewayv2_route.shop["PUT /items/{id}"]'],
        "changed": [],
        "dropped": [],
        "why": "",
    }
    assert became["aws_iam_role.default-role"]["outcome"] == "renamed"
    assert became["aws_cloudwatch_event_rule.nightly-event"]["changed"] == ["name"]
    assert became["data.null_data_source.chalice"]["outcome"] == "removed"
    assert became["data.null_data_source.chalice"]["why"]


def test_problems_are_a_document_too(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shop, "--format=json", audience=()) == 1
    found = document(capsys)
    assert found["files"] == []
    assert found["problems"] == [
        {
            "apps": ["shop"],
            "where": "authorizer cognito",
            "what": "a JWT authorizer accepts tokens of named app clients only, a REST API those "
            "of the whole user pool",
            "remedy": "give the id of each client with --audience cognito=ID",
            "drop": None,
        }
    ]


def test_a_problem_names_the_drop_that_accepts_it(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = json.loads((shop / "shop" / "chalice.tf.json").read_text())
    template["resource"]["aws_api_gateway_rest_api"]["rest_api"]["minimum_compression_size"] = 100
    (shop / "shop" / "chalice.tf.json").write_text(json.dumps(template))
    assert run(shop, "--format=json") == 1
    (problem,) = document(capsys)["problems"]
    assert (problem["where"], problem["drop"]) == (
        "minimum_compression_size",
        "minimum-compression",
    )
    assert run(shop, "--format=json", "--allow-drop=minimum-compression") == 0
    (dropped,) = document(capsys)["dropped"]
    assert dropped == problem


def test_what_cannot_be_read_is_a_document_too(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "shop" / "chalice.tf.json").unlink()
    assert run(shop, "--format=json") == 1
    (problem,) = document(capsys)["problems"]
    assert problem["apps"] == ["shop"]
    assert problem["remedy"].startswith("run chalice package")


def test_the_report_and_the_template_cannot_both_be_on_standard_output(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(shop, "--format=json", "--output=-")
    assert "give --output a file" in capsys.readouterr().err


def test_the_documentation_describes_every_member(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(shop, "--format=json")
    found = document(capsys)
    names = set(found)
    for name in ("files", "apps", "notes", "resources", "added"):
        names |= set(found[name][0])
    run(shop, "--format=json", audience=())
    names |= set(document(capsys)["problems"][0])
    text = DOCUMENTATION.read_text()
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_the_documentation_lists_every_note() -> None:
    rows = [line for line in DOCUMENTATION.read_text().splitlines() if line.startswith("| `")]
    listed = [tuple(cell.strip() for cell in row.strip("|").split(" | ")) for row in rows]
    assert [row for row in listed if row[0].strip("`") in {note.name for note in NOTES}] == [
        (f"`{note.name}`", note.text, f"[source]({note.source})") for note in NOTES
    ]
