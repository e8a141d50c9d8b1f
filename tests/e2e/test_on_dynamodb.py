"""``make run STORE=dynamodb``: DynamoDB Local, and the projector on the table's stream."""

import json
from pathlib import Path

import pytest

from tests.support.dynamodb import require_dynamodb_local
from tests.support.services import RUNNER, free_ports, paste, running

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def test_a_written_book_reaches_its_reader_through_the_stream_and_the_function(
    environment: dict[str, str], tmp_path: Path
) -> None:
    require_dynamodb_local()
    [port] = free_ports(1)
    with running(RUNNER, {**environment, "STORE": "dynamodb", "DYNAMODB_PORT": port}) as service:
        book = json.loads(paste(service.lines, tmp_path).splitlines()[-1])
    assert (book["title"], book["version"]) == ("A Pattern Language", 1)
