"""What is installed is named by its version and its hash, everywhere."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))
INSTALLERS = [
    ROOT / "make" / "environments.mk",
    ROOT / "apps" / "Dockerfile",
    *(ROOT / ".ci").iterdir(),
]
PINNED = re.compile(r"[\w.-]+(?:\[[\w,-]+\])?==[\w.!+-]+")
INSTALLED = re.compile(r"\bpip (?:install|download) (?:.*\\\n)*.*")


def unlocked(lock: str) -> list[str]:
    """Return the requirements of a lock that are not pinned, or have no hash."""
    entries = re.findall(r"^[^\s#].*(?:\n[ ].*)*", lock, re.MULTILINE)
    locked = [PINNED.match(e) and "--hash=sha256:" in e and not e.startswith("-") for e in entries]
    return [entry.split()[0] for entry, is_so in zip(entries, locked, strict=True) if not is_so]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_package_of_a_lock_has_a_version_and_a_hash(path: Path) -> None:
    assert unlocked(path.read_text()) == []


@pytest.mark.parametrize(
    "requirement",
    [
        "requests==2.32.5\n    # via -r a.in\n",
        "requests>=2 \\\n    --hash=sha256:00\n",
        "git+https://git.test/requests \\\n    --hash=sha256:00\n",
        "--extra-index-url https://index.test/simple\n",
    ],
)
def test_an_unlocked_package_is_noticed(requirement: str) -> None:
    assert len(unlocked(f"a==1 \\\n    --hash=sha256:00\n{requirement}")) == 1


def test_every_package_of_npm_has_a_version_and_a_hash() -> None:
    lock: dict[str, Any] = json.loads((REQUIREMENTS / "node" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    lacking = [n for n, p in packages.items() if not (p.get("version") and p.get("integrity"))]
    assert lacking == []
    assert "ignore-scripts=true" in (REQUIREMENTS / "node" / ".npmrc").read_text().splitlines()


def test_pip_installs_by_hash_alone() -> None:
    commands = [c for path in INSTALLERS for c in INSTALLED.findall(path.read_text())]
    assert len(commands) >= 3
    assert [command for command in commands if "--require-hashes" not in command] == []
    assert [command for command in commands if "--no-deps" not in command] == []
