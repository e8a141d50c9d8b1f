"""The tables of a laptop and the tests are those of terraform/dynamodb.tf.

They have an index for each sort that the domain declares.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hcl2
import pytest

from apps.local.dynamodb_tables import catalogue_table, events_table
from core.adapters.dynamodb.keys import sort_index
from core.config import PROJECT_NAME, read_settings
from core.domain.listing import LISTING
from core.ports.listing import ListingDeclaration, Sort

TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"
DYNAMODB_TF = (TERRAFORM / "dynamodb.tf").read_text()
LOCAL = {
    "events": events_table("any"),
    "catalogue": catalogue_table("any", LISTING.sort_names),
}


def tables(text: str) -> dict[str, dict[str, Any]]:
    """Return the arguments of CreateTable for each table of Terraform's text, but for its name."""
    parsed = _plain(hcl2.loads(text))
    (values,) = parsed["locals"]
    return {
        name: _create_table(_expanded(table, values))
        for block in parsed["resource"]
        for name, table in block.get("aws_dynamodb_table", {}).items()
        if name != "__is_block__"
    }


def _plain(value: Any) -> Any:
    """Return what the parser gives, without the quotation marks around strings and keys."""
    if isinstance(value, dict):
        return {_plain(key): _plain(content) for key, content in value.items()}
    if isinstance(value, list):
        return [_plain(content) for content in value]
    return value.strip('"') if isinstance(value, str) else value


def _expanded(table: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return ``table`` with its ``dynamic`` blocks expanded; ``values`` has the locals."""
    written = dict(table)
    for block in table.get("dynamic", []):
        ((kind, dynamic),) = ((k, v) for k, v in block.items() if k != "__is_block__")
        (content,) = dynamic["content"]
        each = values[dynamic["for_each"].removeprefix("${local.").removesuffix("}")]
        written[kind] = written.get(kind, []) + [
            {
                name: text.replace(f"${{{kind}.value}}", value)
                for name, text in content.items()
                if isinstance(text, str)
            }
            for value in each
        ]
    return written


def _create_table(table: dict[str, Any]) -> dict[str, Any]:
    indexes = [
        {
            "IndexName": index["name"],
            "KeySchema": _keys(index),
            "Projection": {"ProjectionType": index["projection_type"]},
        }
        for index in table.get("global_secondary_index", [])
    ]
    stream = {"StreamEnabled": True, "StreamViewType": table.get("stream_view_type")}
    return _ordered(
        {
            "AttributeDefinitions": [
                {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
                for attribute in table["attribute"]
            ],
            "KeySchema": _keys(table),
            "BillingMode": table["billing_mode"],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
            **({"StreamSpecification": stream} if table.get("stream_enabled") else {}),
        }
    )


def _keys(block: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"AttributeName": block["hash_key"], "KeyType": "HASH"},
        {"AttributeName": block["range_key"], "KeyType": "RANGE"},
    ]


def _ordered(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments without the name, with what has no order of its own in order."""
    lists = {"AttributeDefinitions": "AttributeName", "GlobalSecondaryIndexes": "IndexName"}
    return {
        name: sorted(value, key=lambda part: str(part[lists[name]])) if name in lists else value
        for name, value in arguments.items()
        if name != "TableName"
    }


def changes_for(table: dict[str, Any], sorts: Sequence[str]) -> list[str]:
    """Return what to change in terraform/dynamodb.tf: its indexes must be those of ``sorts``."""
    present = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    wanted = {sort_index(sort).name: sort for sort in sorts}
    return [
        *(
            f'the sort "{sort}" has no index: add it to catalogue_sorts in terraform/dynamodb.tf'
            for name, sort in wanted.items()
            if name not in present
        ),
        *(
            f'no sort uses the index "{name}": remove it from terraform/dynamodb.tf'
            for name in present
            if name not in wanted
        ),
    ]


def test_every_sort_of_the_books_has_its_index() -> None:
    problems = changes_for(tables(DYNAMODB_TF)["catalogue"], LISTING.sort_names)
    assert not problems, "\n".join(problems)


def test_a_sort_without_an_index_is_reported_with_what_to_add() -> None:
    with_pages: ListingDeclaration[Any] = replace(
        LISTING, sorts=(*LISTING.sorts, Sort("pages", lambda _: ""))
    )
    (problem,) = changes_for(tables(DYNAMODB_TF)["catalogue"], with_pages.sort_names)
    assert problem == (
        'the sort "pages" has no index: add it to catalogue_sorts in terraform/dynamodb.tf'
    )
    added = {**LOCAL, "catalogue": catalogue_table("any", with_pages.sort_names)}
    assert tables(DYNAMODB_TF) != {name: _ordered(table) for name, table in added.items()}


def test_an_index_without_a_sort_is_reported() -> None:
    problems = changes_for(tables(DYNAMODB_TF)["catalogue"], LISTING.sort_names[1:])
    index = sort_index(LISTING.default_sort).name
    assert problems == [f'no sort uses the index "{index}": remove it from terraform/dynamodb.tf']


def test_local_tables_are_those_of_terraform() -> None:
    assert tables(DYNAMODB_TF) == {name: _ordered(table) for name, table in LOCAL.items()}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('type = "N"', 'type = "S"'),
        ('hash_key                    = "stream"', 'hash_key = "version"'),
        ('range_key                   = "sk"', 'range_key = "facet"'),
        ('range_key       = "${', 'range_key = "a${'),
        ('name            = "by_${', 'name = "of_${'),
        (f'"{LISTING.default_sort}"', '"age"'),
        ('projection_type = "ALL"', 'projection_type = "KEYS_ONLY"'),
        ('stream_view_type = "NEW_IMAGE"', 'stream_view_type = "KEYS_ONLY"'),
        ("stream_enabled   = true", "stream_enabled = false"),
        ('"PAY_PER_REQUEST"', '"PROVISIONED"'),
        ('resource "aws_dynamodb_table" "events"', 'resource "aws_dynamodb_table" "log"'),
    ],
)
def test_a_difference_is_detected(written: str, instead: str) -> None:
    assert written in DYNAMODB_TF
    changed = tables(DYNAMODB_TF.replace(written, instead, 1))
    assert changed != {name: _ordered(table) for name, table in LOCAL.items()}


def test_default_table_names_in_terraform_and_in_the_settings_are_equal() -> None:
    default = re.compile(
        r'= coalesce\(var\.(\w+)_table_name, "\$\{local\.project\}(-\w+)"\)$', re.MULTILINE
    )
    settings = read_settings({})
    assert {name: PROJECT_NAME + suffix for name, suffix in default.findall(DYNAMODB_TF)} == {
        "events": settings.events_table,
        "catalogue": settings.catalogue_table,
    }


@pytest.mark.parametrize("table", ["events", "catalogue"])
def test_tables_can_be_restored_and_are_protected_from_deletion(table: str) -> None:
    blocks = _plain(hcl2.loads(DYNAMODB_TF))["resource"]
    (block,) = (b["aws_dynamodb_table"][table] for b in blocks if table in b["aws_dynamodb_table"])
    assert block["point_in_time_recovery"][0]["enabled"] is True
    assert block["server_side_encryption"][0]["enabled"] is True
    assert block["deletion_protection_enabled"] == "${var.table_deletion_protection}"
