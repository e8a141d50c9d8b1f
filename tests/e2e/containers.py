"""Clones and images for the tests in containers, and what they do without an engine."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from apps.local.dynamodb_engine import CannotStart
from tests.support.container_engine import BASE_IMAGE, NotHere, docker
from tests.support.lambda_emulator import ROOT

Environment = Mapping[str, str]
AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")

# Instead of AWS's base image, which has the same entry point.
LAMBDA_BASE = "localhost/chalice-stand-in:1"
LAMBDA_BASE_DOCKERFILE = f"""
FROM {BASE_IMAGE}
ARG PIP_INDEX_URL
COPY runtime.txt /
RUN python3 -m pip install --quiet --no-cache-dir --break-system-packages --require-hashes \
    --no-deps --requirement /runtime.txt
ENTRYPOINT ["python3", "-m", "awslambdaric"]
"""


def refuse(problem: NotHere | CannotStart) -> NoReturn:
    """Skip the test with a line that says why; in CI, fail it."""
    if os.environ.get("CI"):
        pytest.fail(str(problem))
    pytest.skip(str(problem))


@dataclass(frozen=True)
class Builder:
    """Builds images of an app with the engine of this environment."""

    engine: Environment

    def build(self, project: Path, base: str, tag: str, *options: str) -> str:
        """Build the image of the project as ``tag``, and return the tag."""
        index = os.environ.get("PIP_INDEX_URL")
        more = [f"PIP_INDEX_URL={index}"] if index else []
        values = [f"--build-arg={value}" for value in (f"BASE_IMAGE={base}", *more)]
        docker(
            self.engine,
            *("build", "--quiet", "--network=host", *values, *options, f"--tag={tag}"),
            str(project),
        )
        return tag


def lambda_builder(engine: Environment, folder: Path) -> Builder:
    """Return a builder whose engine has the stand-in for AWS's base image."""
    shutil.copy(ROOT / "requirements" / "runtime.txt", folder)
    (folder / "Dockerfile").write_text(LAMBDA_BASE_DOCKERFILE)
    builder = Builder(engine)
    builder.build(folder, BASE_IMAGE, LAMBDA_BASE)
    return builder


def commit_of_the_work_tree(root: Path) -> Path:
    """Make a repository in ``root`` that has the work tree as it is in one commit; return it."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, *AUTHOR, "commit", "--quiet", "--message", "As it is")
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git, which must succeed, and return its output."""
    return subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True
    ).stdout
