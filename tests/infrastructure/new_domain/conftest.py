"""A new project, generated once, and its tools and tests in this repository's environments."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PLUGINS = ROOT / "build" / "terraform-plugins"
FOREIGN = ("COV", "MAKE", "MFLAGS", "PYTEST_", "STORE", "JWT_")


@dataclass(frozen=True, slots=True)
class Done:
    """A program that ended."""

    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Project:
    """The folder of a new project."""

    folder: Path

    def files(self) -> list[Path]:
        """Return the files that were made, relative to the folder."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        relative = [path.relative_to(self.folder) for path in paths]
        return [path for path in relative if path.parts[0] not in {".git", ".venv"}]

    def run(self, *command: str) -> Done:
        """Run a program there. What it imports is the project's, and not this repository's."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        return run(
            *command,
            cwd=self.folder,
            environment={
                **inherited,
                "PYTHONPATH": str(self.folder),
                "TF_PLUGIN_CACHE_DIR": str(PLUGINS),
            },
        )

    def pytest(self, *arguments: str, which: str = "not dynamodb") -> Done:
        """Run tests there, with few examples: the laws are held in this repository."""
        options = ["-q", "-p", "no:cacheprovider", "-k", which, "--hypothesis-profile=few"]
        return self.run(sys.executable, "-m", "pytest", *options, *arguments)


def run(*command: str, cwd: Path, environment: dict[str, str] | None = None) -> Done:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project as ``make new-domain`` leaves it, in a folder such as ../lending."""
    folder = tmp_path_factory.mktemp("new") / "lending"
    beside = os.path.relpath(folder, ROOT)
    assert beside.startswith("..")
    done = run("make", "new-domain", "NAME=lending", "AGGREGATE=loan", f"DIR={beside}", cwd=ROOT)
    assert done.code == 0, done.output
    return Project(folder)


@pytest.fixture(scope="session")
def project(pristine: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a copy to work in, with this repository's environments, which its make takes."""
    folder = tmp_path_factory.mktemp("used") / pristine.folder.name
    shutil.copytree(pristine.folder, folder)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # Older than the environments, which are this repository's: make does not make them again.
    for source in (folder / "make" / "environments.mk", *(folder / "requirements").rglob("*")):
        os.utime(source, (0, 0))
    PLUGINS.mkdir(parents=True, exist_ok=True)
    return Project(folder)
