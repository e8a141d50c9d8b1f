"""Both services respond to every request as the OpenAPI document says."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fuzzing.running import DOCUMENT, fuzz
from tests.support.services import new_environment
from tests.support.share import examples

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SECONDS = examples(180, thoroughly=1800)
BOUNDED = ("--generation-deterministic", "--max-examples", str(examples(15, thoroughly=200)))


@pytest.mark.by_chance
def test_every_response_is_as_documented(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    done = fuzz(new_environment(tmp_path), *BOUNDED, seconds=SECONDS)
    assert done.returncode == 0, done.stdout
    generated = re.search(r"(\d+) generated", done.stdout)
    covered = re.search(r"(\d+) covered", done.stdout)
    assert generated
    assert int(generated[1]) > 500, done.stdout
    assert covered
    assert int(covered[1]) > 3, done.stdout
    record_property("figures", f"{generated[1]} requests, {covered[1]} links followed")


def test_what_is_not_as_documented_is_found(tmp_path: Path) -> None:
    document: dict[str, Any] = json.loads(DOCUMENT.read_text())
    document["components"]["schemas"]["Accepted"]["properties"]["version"]["type"] = "string"
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("400", None)
    spoilt = tmp_path / "openapi.json"
    spoilt.write_text(json.dumps(document))
    options = ("--generation-deterministic", "--max-examples", "1", "--phases", "examples")
    done = fuzz(new_environment(tmp_path), *options, document=spoilt)
    assert done.returncode == 1, done.stdout
    assert "Response violates schema" in done.stdout
    assert "Undocumented status code" in done.stdout
