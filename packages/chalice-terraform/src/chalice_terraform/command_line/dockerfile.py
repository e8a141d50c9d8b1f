"""Writes a Dockerfile for a Chalice app: its image has what ``chalice package`` puts into a zip."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice_terraform.command_line.projects import read_config
from chalice_terraform.merging.model import JsonObject, Problems

MARK = "Written by `chalice-terraform dockerfile`"

_REQUIREMENTS = "requirements.txt"
_FOLDERS = ("chalicelib", "vendor")
_PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s+|=|(?<=-[rc]))(.+)")
_FROM = re.compile(r"^(?:-e|--editable|-f|--find-links)[\s=]*")
_ARCHIVES = (".whl", ".zip", ".tar.gz")


@dataclass(frozen=True)
class Recipe:
    """What the image of an app is made of.

    ``requirements`` are the app's files of requirements and ``folders`` its folders of code, both
    relative to the app's own folder; ``platforms`` are those of its stages.
    """

    tag: str
    python: str
    chalice: str
    platforms: tuple[str, ...]
    requirements: tuple[str, ...]
    folders: tuple[str, ...]


def read_recipe(argument: str, chalice: str, python: str) -> Recipe:
    """Return the recipe of the app in the folder ``argument``, for these versions.

    Raises ``MergeError``, among others for requirements that are files of this machine.
    """
    problems = Problems()
    folder = Path(argument)
    config = read_config(argument, folder, problems) or {}
    if config and not (folder / "app.py").is_file():
        problems.add(argument, f"{folder / 'app.py'} is missing; give the folder of a Chalice app")
    recipe = Recipe(
        tag=_tag(str(config.get("app_name"))),
        python=python,
        chalice=chalice,
        platforms=_platforms(config),
        requirements=tuple(dict.fromkeys(_requirements(folder, _REQUIREMENTS, problems))),
        folders=tuple(name for name in _FOLDERS if _has_files(folder / name)),
    )
    problems.raise_if_any()
    return recipe


def as_dockerfile(recipe: Recipe) -> str:
    """Return the Dockerfile, for any builder: it has nothing that only BuildKit understands."""
    return _header(recipe) + _BUILD + _installation(recipe) + _code(recipe) + _SETTLING + _IMAGE


def _header(recipe: Recipe) -> str:
    return f"""\
# {MARK}. Write it again when you update Chalice or Python,
# and when chalicelib/, vendor/ or a file of requirements appears or disappears.
#
#     docker build --platform {" or ".join(recipe.platforms)} --tag {recipe.tag} APP_DIR
#
# Every function of the app runs in this image: its command names the handler.

# Another base must have this Python, pip, and an entry point that runs awslambdaric.
ARG BASE_IMAGE=public.ecr.aws/lambda/python:{recipe.python}

"""


_BUILD = """\
FROM ${BASE_IMAGE} AS build
# The index of packages, if it is not pip's own. The final image knows nothing of it.
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \\
    PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 SOURCE_DATE_EPOCH=315532800
"""


def _installation(recipe: Recipe) -> str:
    install = "RUN python3 -m pip install --no-compile --target"
    copied = [f"COPY {json.dumps([file, f'/build/{file}'])}\n" for file in recipe.requirements]
    requirements = f"{install} /var/task --requirement /build/{_REQUIREMENTS}\n"
    return f"""{"".join(copied)}{requirements if copied else ""}\
# In Lambda, Chalice is two modules, whatever the requirements say.
{install} /build/chalice --no-deps chalice=={recipe.chalice} \\
    && rm -rf /var/task/chalice \\
    && mkdir -p /var/task/chalice \\
    && cd /build/chalice/chalice \\
    && cp __init__.py app.py /var/task/chalice/
"""


def _code(recipe: Recipe) -> str:
    targets = {"chalicelib": "/var/task/chalicelib", "vendor": "/var/task/"}
    copied = [f"COPY {folder} {targets[folder]}\n" for folder in recipe.folders]
    return "".join(["COPY app.py /var/task/\n", *copied])


_SETTLING = """\
# Files that are equal in every build, and that any user can read. They are compiled here, because
# Lambda's file system is read-only; a package may have files for other Pythons, which are left.
RUN python3 -c "import pathlib, shutil; \\
        found = list(pathlib.Path('/var/task').rglob('__pycache__')); \\
        [shutil.rmtree(folder) for folder in found]" \\
    && { python3 -m compileall -qq --invalidation-mode unchecked-hash /var/task || true; } \\
    && python3 -c "import os, pathlib; \\
        found = pathlib.Path('/var/task').rglob('*'); \\
        paths = [path for path in found if not path.is_symlink()]; \\
        [path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644) for path in paths]; \\
        [os.utime(path, (0, 0)) for path in paths]"

"""

_IMAGE = """\
FROM ${BASE_IMAGE}
COPY --from=build /var/task /var/task
WORKDIR /var/task
# Lambda has a user of its own; everywhere else this is nobody.
USER 65534:65534
CMD ["app.app"]
"""


def _tag(title: str) -> str:
    return re.sub("[^a-z0-9]+", "-", title.lower()).strip("-") or "app"


def _platforms(config: JsonObject) -> tuple[str, ...]:
    own = config.get("lambda_architecture", "x86_64")
    stages = config.get("stages") or {"dev": {}}
    used = {str(stage.get("lambda_architecture", own)) for stage in stages.values()}
    return tuple(sorted(_PLATFORMS.get(architecture, architecture) for architecture in used))


def _has_files(folder: Path) -> bool:
    # An empty folder is not in a clone, where COPY would fail.
    return any(path.is_file() and "__pycache__" not in path.parts for path in folder.rglob("*"))


def _requirements(
    folder: Path, file: str, problems: Problems, seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield this file of requirements and those that it includes, unless it requires nothing."""
    path = folder / file
    if not path.is_file():
        if seen:
            problems.add(str(path), "it is missing, and a file of requirements includes it")
        return
    lines = _content(path)
    if lines:
        yield file
    for line in lines:
        included = _INCLUDE.fullmatch(line)
        if included:
            yield from _included(folder, file, included[1], problems, seen)
        elif _is_local(line):
            problems.add(
                f"{path}: {line}", "the image has no files of this machine; put it into vendor/"
            )


def _included(
    folder: Path, file: str, name: str, problems: Problems, seen: frozenset[str]
) -> Iterator[str]:
    if "://" in name:
        return
    included = Path(file).parent / name
    if ".." in included.parts or included.is_absolute():
        problems.add(f"{folder / file}: {name}", "it is outside the app's folder; copy it there")
    elif included.as_posix() not in seen:
        yield from _requirements(folder, included.as_posix(), problems, seen | {file})


def _is_local(line: str) -> bool:
    """Return whether a requirement names a file or folder, not a distribution or an address."""
    source = _FROM.sub("", line, count=1)
    if "://" in source:
        return "file:" in source
    name = re.split(r"[\s;]", source)[0]
    return source != line or name.startswith(".") or "/" in name or name.endswith(_ARCHIVES)


def _content(path: Path) -> Sequence[str]:
    """Return the lines without comments, as pip reads them."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    bare = [re.sub(r"(^|\s+)#.*", "", line).strip() for line in lines]
    return [line for line in bare if line]
