"""The reference is complete, and what is generated of it is up to date."""

import re
from pathlib import Path

import pytest

from make.reference import REFERENCE, make_reference, reference, terraform_reference

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (REFERENCE / "configuration.md").read_text()
READ = re.compile(r'(?:environment(?:\.get\(|\[)|read_port\(environment, |endpoint\()"([A-Z_]+)"')


@pytest.mark.parametrize("name", ["make.md", "terraform.md"])
def test_generated_documents_are_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text() == reference()[name], "run: make docs"


def test_every_variable_of_the_services_and_of_make_run_is_documented() -> None:
    files = [ROOT / "core/config.py", ROOT / "apps/local/endpoints.py", ROOT / "apps/local/run.py"]
    read = {name for file in files for name in READ.findall(file.read_text())}
    assert {"STORE", "COMMAND_PORT", "DYNAMODB_PORT"} <= read
    assert {name for name in read if f"`{name}`" not in CONFIGURATION} == set()


def test_targets_are_listed_by_section() -> None:
    makefile = "##@ First\n\none: two  ## do it (A=b|c)\n\t@true\nhidden: one\n"
    document = make_reference(makefile)
    assert document.endswith(
        "\n## First\n\n| target | what it does |\n|---|---|\n| `make one` | do it (A=b\\|c) |\n"
    )


def test_variables_and_outputs_are_listed_by_name() -> None:
    root = {
        "variable": [
            {'"b"': {"description": '"B \\"b\\"."', "type": "string"}},
            {
                '"a"': {
                    "description": '"A."',
                    "type": "${list(string)}",
                    "default": ['"x"', None, True],
                }
            },
        ],
        "output": [{'"o"': {"description": '"O."', "value": "1"}}],
    }
    document = terraform_reference({"Root": root})
    assert [line for line in document.splitlines() if line.startswith("| `")] == [
        '| `a` | `list(string)` | `["x", null, true]` | A. |',
        '| `b` | `string` | required | B "b". |',
        "| `o` | O. |",
    ]
