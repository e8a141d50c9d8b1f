"""What an operator does to the deployed stack by make: look, repair, copy the log, restore it.

AWS restores a table to a point in time as a new one, without its stream, tags, protection and
recovery. The emulator does not restore, so the test makes such a table itself.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from core.adapters.dynamodb.event_store import DynamoDbEventStore
from core.adapters.dynamodb.read_model import DynamoDbReadModel
from core.application.log import rebuild
from core.config import PROJECT_NAME
from core.domain.manifest import BOOKS
from tests.e2e.stack.deployed import Stack
from tests.e2e.stack.mapping import mapping_disabled
from tests.e2e.stack.tables import Tables, tables_of
from tests.support.example import BOOKS as COLLECTION
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("engine")]


@pytest.fixture(scope="module")
def tables(stack: Stack) -> Tables:
    return tables_of(stack)


def operate(stack: Stack, tables: Tables, *arguments: str) -> str:
    """Run make on the deployed tables and return its output."""
    where = (f"EVENTS_TABLE={tables.events}", f"CATALOGUE_TABLE={tables.catalogue}")
    return stack.deployment.make("--no-print-directory", "STORE=dynamodb", *where, *arguments)


def events_in(file: Path) -> list[str]:
    """Return the lines of a log's file that are events, in an order that no store has."""
    return sorted(file.read_text().splitlines()[1:-1])


def test_the_status_has_figures_of_every_service(stack: Stack, tables: Tables) -> None:
    # Only the queue's name counts: the address in the output need not be the emulator's.
    queue = stack.deployment.output("dead_letter_queue_url").rpartition("/")[2]
    book = stack.add(title="Counted")
    assert stack.seen(book, 1).status_code == 200
    shown = operate(
        stack,
        tables,
        "status",
        f"QUEUE_URL={stack.client('sqs').get_queue_url(QueueName=queue)['QueueUrl']}",
        f"METRICS_NAMESPACE={PROJECT_NAME}-staging",
        "FORMAT=json",
    )
    status = json.loads(shown.splitlines()[-1])
    assert (status["events"] > 0, status["views"] > 0) == (True, True)
    assert (status["live"], status["building"], status["set_aside"]) == (1, None, [])
    assert status["dead_letters"] == {"messages": 0, "held": 0}


def test_a_view_that_the_projector_has_missed_is_found_and_made(
    stack: Stack, tables: Tables
) -> None:
    with mapping_disabled(stack):
        first, second = stack.add(title="Missed"), stack.add(title="Missed too")
        shown = operate(stack, tables, "reproject", f"ID={first}")
        assert f"{first}: the view is at version 1. Before: missing." in shown
        assert stack.http.get(f"{COLLECTION}/{first}").status_code == 200
        shown = operate(stack, tables, "verify", "REPAIR=1")
        assert f"{second}: the view is at version 1. Before: missing." in shown
        assert "are at the versions of the log." in shown
        assert stack.http.get(f"{COLLECTION}/{second}").status_code == 200


def test_the_log_is_copied_to_a_file_and_to_another_store(
    stack: Stack, tables: Tables, tmp_path: Path
) -> None:
    book = stack.add(title="Copied")
    packed, unpacked, exported = (tmp_path / name for name in ("log.ndjson.gz", "log", "exported"))
    operate(stack, tables, "export-events", f"FILE={packed}")
    operate(stack, tables, "export-events", f"FILE={unpacked}")
    here = ("STORE=sqlite", f"SQLITE_PATH={tmp_path / 'copy.db'}")
    stack.deployment.make("import-events", "rebuild", "verify", f"FILE={packed}", *here)
    stack.deployment.make("export-events", f"FILE={exported}", *here)
    assert events_in(exported) == events_in(unpacked)
    assert any(book in line for line in events_in(exported))


def test_a_restored_table_is_taken_over_by_terraform(stack: Stack, tables: Tables) -> None:
    """This test runs before the one that destroys the stack: it has another table afterwards."""
    client, restored = stack.client("dynamodb"), f"{tables.events}-restored"
    kept = stack.add(title="Kept")
    restore(client, tables.events, restored)
    lost = stack.add(title="Lost")
    assert stack.seen(lost, 1).status_code == 200

    root = stack.deployment.root / "terraform"
    settings = root / "environments" / "staging.tfvars"
    assert tables.events in settings.read_text()
    settings.write_text(settings.read_text().replace(tables.events, restored))
    (root / "restored.tf").write_text(
        f'import {{\n  to = aws_dynamodb_table.events\n  id = "{restored}"\n}}\n'
    )
    stack.deployment.terraform("state", "rm", "aws_dynamodb_table.events")
    stack.deployment.make("terraform-apply")
    rebuild_at_once(client, restored, tables.catalogue)

    table = client.describe_table(TableName=restored)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    # A function that is warm reads the pointer to the generations again after some seconds.
    paths = [f"{COLLECTION}/{book}" for book in (kept, lost)]
    until(
        lambda: [stack.http.get(path).status_code for path in paths],
        lambda codes: codes == [200, 404],
    )
    assert stack.seen(stack.add(title="After"), 1).status_code == 200
    client.update_table(TableName=tables.events, DeletionProtectionEnabled=False)
    client.delete_table(TableName=tables.events)


def rebuild_at_once(client: Any, events: str, catalogue: str) -> None:
    """Do what ``make rebuild`` does, without the wait for who still reads the old generation."""
    store = DynamoDbEventStore(client, events, BOOKS.events, time.sleep)
    model = DynamoDbReadModel(client, catalogue, BOOKS, lambda _: None, time.monotonic)
    rebuild(model, store, BOOKS, lambda aside, _: pytest.fail(aside.reason), lambda _: None)


def restore(client: Any, source: str, target: str) -> None:
    """Copy a table as AWS restores it: with its items and keys, and nothing else."""
    described = client.describe_table(TableName=source)["Table"]
    client.create_table(
        TableName=target,
        KeySchema=described["KeySchema"],
        AttributeDefinitions=described["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
    )
    pages = client.get_paginator("scan").paginate(TableName=source)
    for page in pages:
        for item in page["Items"]:
            client.put_item(TableName=target, Item=item)
