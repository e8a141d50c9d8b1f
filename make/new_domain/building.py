"""Making the new project's folder: all of it, or nothing."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from make.new_domain.manifest import is_dropped
from make.new_domain.names import Refused, read_names
from make.new_domain.project import new_project, without_books
from make.new_domain.vocabulary import engine_vocabulary

ROOT: Final = Path(__file__).resolve().parents[2]
_SEED: Final = Path(__file__).parent / "seed"


def generate(environment: Mapping[str, str]) -> Path:
    """Make the project that NAME, AGGREGATE, DIR and PLURAL describe. Raises Refused."""
    name, aggregate, folder = (_required(environment, key) for key in ("NAME", "AGGREGATE", "DIR"))
    names = read_names(name, aggregate, environment.get("PLURAL", ""), vocabulary())
    target = Path(folder).expanduser().resolve()
    _check_target(target)
    return _build(new_project(_repository(), seed_files(), names), target)


@cache
def vocabulary() -> frozenset[str]:
    """Return the words that cannot name an aggregate. Raises Refused."""
    kept = {**without_books(_repository()), **seed_files()}
    return engine_vocabulary({path: text for path, text in kept.items() if path.endswith(".py")})


def _required(environment: Mapping[str, str], key: str) -> str:
    value = environment.get(key, "")
    if not value:
        raise Refused(
            f"{key}= is missing: make new-domain NAME=lending AGGREGATE=loan DIR=../lending"
        )
    return value


def _check_target(target: Path) -> None:
    if target.is_relative_to(ROOT):
        raise Refused(f"DIR={target} is in this repository: name a folder outside of it.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"DIR={target} is there, and not an empty folder.")
    if not target.parent.is_dir():
        raise Refused(f"DIR={target} cannot be made: there is no folder {target.parent}.")


def _repository() -> dict[str, str]:
    return {path: _read(ROOT / path) for path in tracked_files() if not is_dropped(path)}


def tracked_files() -> list[str]:
    """Return the paths of the files that git tracks here. Raises Refused."""
    listed = subprocess.run(
        [_git(), "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode or not listed.stdout:
        raise Refused(f"{ROOT} is not a git checkout: the template is what git tracks in it.")
    return [path for path in listed.stdout.split("\0") if (ROOT / path).is_file()]


def _git() -> str:
    if (git := shutil.which("git")) is None:
        raise Refused("git is not installed, or not on PATH: the template is what it tracks here.")
    return git


def seed_files() -> dict[str, str]:
    """Return what is laid over the repository's files."""
    files = (path for path in _SEED.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(_SEED).as_posix(): _read(path) for path in files}


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _build(project: Mapping[str, str], target: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:
        draft = Path(folder) / "draft"
        for path, text in project.items():
            file = draft / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8", newline="")
            if text.startswith("#!"):
                file.chmod(0o755)
        _run("ruff", "check", "--no-cache", "--quiet", "--fix", "--select=F401,I,RUF022", cwd=draft)
        _run("ruff", "format", "--no-cache", "--quiet", cwd=draft)
        _run("apps.openapi", cwd=draft)
        subprocess.run([_git(), "init", "--quiet", "--initial-branch=main"], cwd=draft, check=True)
        if target.exists():
            target.rmdir()
        draft.rename(target)
    return target


def _run(*module: str, cwd: Path) -> None:
    subprocess.run([sys.executable, "-B", "-m", *module], cwd=cwd, check=True)
