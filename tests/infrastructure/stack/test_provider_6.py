"""Version 6 of the AWS provider knows all that the hand-written Terraform has.

``make`` plans with version 5. That the generated part is for version 6 too is tested in
packages/chalice-terraform.
"""

from pathlib import Path
from typing import Any

import hcl2
import pytest

from harness.provider import complaints
from tests.infrastructure.stack.planning import TERRAFORM

JsonObject = dict[str, Any]
FILES = [TERRAFORM, *(TERRAFORM / root for root in ("bootstrap", "registry", "offline"))]


def as_json(text: str) -> JsonObject:
    """Return a file's resources and data sources as Terraform's JSON has them."""
    read = hcl2.loads(text)
    template: JsonObject = {"resource": {}, "data": {}, "locals": read.get("locals", [])}
    for mode in ("resource", "data"):
        for block in read.get(mode, []):
            for kind, named in block.items():
                bodies = {name: body_of(body) for name, body in named.items()}
                template[mode].setdefault(kind.strip('"'), {}).update(bodies)
    return template


def body_of(body: JsonObject) -> JsonObject:
    """Return a body with its ``dynamic`` blocks as plain ones."""
    plain: JsonObject = {}
    for name, value in without_notes(body).items():
        if name == "dynamic":
            for dynamic in value:
                [(block, about)] = without_notes(dynamic).items()
                plain[block.strip('"')] = [body_of(content) for content in about["content"]]
        elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
            plain[name] = [body_of(each) for each in value]
        else:
            plain[name] = value
    return plain


def without_notes(block: JsonObject) -> JsonObject:
    """Return a block without what the parser adds, such as ``__comments__``."""
    return {name: value for name, value in block.items() if not name.startswith("__")}


@pytest.mark.parametrize(
    "path",
    sorted(path for folder in FILES for path in folder.glob("*.tf")),
    ids=lambda path: path.relative_to(TERRAFORM).as_posix(),
)
def test_nothing_in_a_file_is_unknown_or_deprecated(path: Path) -> None:
    assert set(complaints(as_json(path.read_text()))) == set()


def test_deprecated_and_unknown_names_are_found_in_blocks_too() -> None:
    table = """
    resource "aws_dynamodb_table" "a" {
      name = data.aws_region.here.name
      dynamic "global_secondary_index" {
        for_each = var.indexes
        content {
          hash_key = "a"
          key      = "b"
        }
      }
    }
    """
    assert {found.partition(":")[0] for found in complaints(as_json(table))} == {
        "aws_dynamodb_table.global_secondary_index.hash_key",
        "aws_dynamodb_table.global_secondary_index.key",
        "aws_region.name",
    }
