"""chalice-terraform's sdist and wheel, built from a copy of its files, and clean environments."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "packages" / "chalice-terraform"
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*")
BUILD = "from flit_core import buildapi; print(buildapi.build_{kind}({folder!r}))"


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """Run a program that must succeed, without this repository on its path; return its output."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTHON"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**ours, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Built:
    """The sdist, and the wheel that was built from its content alone."""

    sdist: Path
    wheel: Path


def build(folder: Path, modified: int) -> Built:
    """Build both from a copy of the package's files, which were modified at this time."""
    source = folder / "source"
    shutil.copytree(PACKAGE, source, ignore=LEFT_BEHIND)
    for path in source.rglob("*"):
        os.utime(path, (modified, modified))
    sdist = _build("sdist", source, folder)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    [unpacked] = (folder / "unpacked").iterdir()
    return Built(sdist, _build("wheel", unpacked, folder))


def _build(kind: str, source: Path, folder: Path) -> Path:
    code = BUILD.format(kind=kind, folder=str(folder))
    output = run(sys.executable, "-c", code, folder=source, SOURCE_DATE_EPOCH="1700000000")
    return folder / output.splitlines()[-1]


def install(wheel: Path, folder: Path, *requirements: str | Path) -> Path:
    """Make an environment that has the wheel, and requirements of pip, and nothing else."""
    venv.create(folder)
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, folder=folder)
    if requirements:
        run(*pip, "install", "--quiet", "--no-deps", *requirements, folder=folder)
    assert "No broken requirements" in run(*pip, "check", folder=folder)
    return folder
