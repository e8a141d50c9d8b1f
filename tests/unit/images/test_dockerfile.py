"""The Dockerfile of both apps, and its build context."""

import re
from itertools import chain
from pathlib import Path

import pytest

from make.images.building import APPS

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "apps" / "Dockerfile").read_text()
SENT = [
    line.removeprefix("!")
    for line in (ROOT / ".dockerignore").read_text().splitlines()
    if line.startswith("!")
]


def copied(app: str) -> set[str]:
    """Return the paths that the Dockerfile copies out of the repository for an app."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return set(" ".join(lines).replace("${APP}", app).split())


@pytest.mark.parametrize("app", APPS)
def test_every_copied_file_exists(app: str) -> None:
    assert all((ROOT / path).exists() for path in copied(app))


def test_the_build_context_is_what_is_copied_alone() -> None:
    every = set().union(*map(copied, APPS))
    used = {path: [s for s in SENT if s == path or s.startswith(f"{path}/")] for path in every}

    assert sorted(chain(*used.values())) == sorted(SENT)
    assert all(used.values())


@pytest.mark.parametrize("app", APPS)
def test_all_that_an_app_is_made_of_is_sent(app: str) -> None:
    folder = ROOT / "apps" / app
    others = {".chalice", "__init__.py", "__pycache__"}
    made_of = {path.relative_to(ROOT).as_posix() for path in folder.iterdir()}

    assert made_of - {f"apps/{app}/{name}" for name in others} <= set(SENT)


def test_the_app_is_named_by_the_argument_only() -> None:
    instructions = "\n".join(
        line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")
    )
    assert not [app for app in APPS if re.search(rf"\b{app}\b", instructions)]


def test_the_apps_share_the_layer_of_python() -> None:
    python, _, image = DOCKERFILE.partition("AS python\n")[2].partition("FROM scratch\n")
    assert "APP" not in python
    assert image.startswith("COPY --from=python ")
