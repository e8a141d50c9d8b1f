"""The tables of a laptop and the tests are those of terraform/dynamodb.tf."""

import re
from pathlib import Path
from typing import Any

import hcl2
import pytest

from apps.local.dynamodb_tables import catalogue_table, events_table
from core.config import PROJECT_NAME, read_settings

TERRAFORM = Path(__file__).resolve().parents[2] / "terraform"
DYNAMODB_TF = (TERRAFORM / "dynamodb.tf").read_text()
LOCAL = {
    "events": events_table("any"),
    "catalogue": catalogue_table("any"),
}


def tables(text: str) -> dict[str, dict[str, Any]]:
    """Return the arguments of CreateTable for each table of Terraform's text, but for its name."""
    parsed = _plain(hcl2.loads(text))
    return {
        name: _create_table(table)
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


def _create_table(table: dict[str, Any]) -> dict[str, Any]:
    stream = {"StreamEnabled": True, "StreamViewType": table.get("stream_view_type")}
    return _ordered(
        {
            "AttributeDefinitions": [
                {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
                for attribute in table["attribute"]
            ],
            "KeySchema": _keys(table),
            "BillingMode": table["billing_mode"],
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
    attributes = sorted(arguments["AttributeDefinitions"], key=lambda a: str(a["AttributeName"]))
    return {
        name: attributes if name == "AttributeDefinitions" else value
        for name, value in arguments.items()
        if name != "TableName"
    }


def test_local_tables_are_those_of_terraform() -> None:
    assert tables(DYNAMODB_TF) == {name: _ordered(table) for name, table in LOCAL.items()}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('type = "N"', 'type = "S"'),
        ('hash_key                    = "stream"', 'hash_key = "version"'),
        ('range_key                   = "sk"', 'range_key = "pk"'),
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


@pytest.mark.parametrize(
    ("table", "recovery"),
    [("events", True), ("catalogue", "${var.catalogue_point_in_time_recovery}")],
)
def test_tables_are_protected_from_deletion_and_the_events_can_be_restored(
    table: str, recovery: object
) -> None:
    blocks = _plain(hcl2.loads(DYNAMODB_TF))["resource"]
    (block,) = (b["aws_dynamodb_table"][table] for b in blocks if table in b["aws_dynamodb_table"])
    assert block["point_in_time_recovery"][0]["enabled"] == recovery
    assert block["server_side_encryption"][0]["enabled"] is True
    assert block["deletion_protection_enabled"] == "${var.table_deletion_protection}"
