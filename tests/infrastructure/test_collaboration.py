"""What editors, hooks and GitHub read of this repository agrees with it."""

import json
from pathlib import Path

import pytest

from apps.local.endpoints import DYNAMODB_PORT, read_endpoints

ROOT = Path(__file__).resolve().parents[2]
OWNED = [
    line.split()[0]
    for line in (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    if line.startswith("/")
]


@pytest.mark.parametrize("pattern", OWNED)
def test_what_has_owners_exists(pattern: str) -> None:
    found = [file for path in ROOT.glob(pattern.strip("/")) for file in (path, *path.rglob("*"))]
    assert [file for file in found if file.is_file() and "__pycache__" not in file.parts]


def test_the_development_container_forwards_the_ports_of_make_run() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    ports = {endpoint.port for endpoint in read_endpoints({}).by_name().values()} | {DYNAMODB_PORT}
    assert set(container["forwardPorts"]) == ports
    assert set(container["portsAttributes"]) == {str(port) for port in ports}


def test_a_commit_is_checked_by_make_lint() -> None:
    assert "entry: make lint\n" in (ROOT / ".pre-commit-config.yaml").read_text()
