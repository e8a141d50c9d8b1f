"""The build of both services' images from a clone."""

import re
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.config import PROJECT_NAME
from make.images.engine import Engine, NotReady

ROOT: Final = Path(__file__).resolve().parents[2]
APPS: Final = ("command", "query")
DIGESTS: Final = "terraform/images.auto.tfvars.json"
# A deployment itself writes Terraform's input, and the locks of its provider, before it delivers.
_WRITTEN_BY_DEPLOYMENT: Final = (
    f":!{DIGESTS}",
    ":(exclude,glob)terraform/**/.terraform.lock.hcl",
)
PLATFORMS: Final = ("linux/amd64", "linux/arm64")
"""The platforms of Lambda."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is built: a revision of the clone, and its version for people."""

    revision: str
    version: str
    dirty: bool
    seconds: int
    """The time of the commit, in Unix time."""


def read_sources(root: Path, environment: Mapping[str, str]) -> Sources:
    """Return what the clone ``root`` holds. Raise NotReady where it is no clone.

    VERSION and SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/) may be
    set.
    """
    revision = _git(root, "rev-parse", "HEAD")
    version = environment.get("VERSION") or _git(root, "describe", "--tags", "--always")
    if not re.fullmatch(r"\w[\w.-]{0,127}", version, re.ASCII):
        raise NotReady(f"VERSION must be a valid image tag, which {version!r} is not.")
    changes = _git(root, "status", "--porcelain", "--", ".", *_WRITTEN_BY_DEPLOYMENT)
    seconds = environment.get("SOURCE_DATE_EPOCH") or _git(root, "log", "-1", "--format=%ct")
    if not seconds.isdigit():
        raise NotReady(f"SOURCE_DATE_EPOCH must be a Unix time, which {seconds!r} is not.")
    return Sources(revision, version, bool(changes), int(seconds))


def repository_name(app: str) -> str:
    """Return the name of an app's repository, here and in every registry."""
    return f"{PROJECT_NAME}/{app}"


def local_tag(app: str, sources: Sources) -> str:
    """Return the name of an app's image on this machine."""
    return f"{repository_name(app)}:{sources.version}"


def build_images(
    engine: Engine, sources: Sources, environment: Mapping[str, str], root: Path = ROOT
) -> dict[str, str]:
    """Build both images and return their tags. Raise NotReady.

    BASE_IMAGE, PLATFORM, PIP_INDEX_URL and SOURCE may be set, and DOCKER_BUILD_ARGS to more
    arguments for ``build``.
    """
    more = [*_platform(engine, environment), *shlex.split(environment.get("DOCKER_BUILD_ARGS", ""))]
    values = {
        "VERSION": sources.version,
        "REVISION": sources.revision + ("-dirty" if sources.dirty else ""),
        "SOURCE_DATE_EPOCH": str(sources.seconds),
        **{
            n: environment[n]
            for n in ("BASE_IMAGE", "PIP_INDEX_URL", "SOURCE")
            if environment.get(n)
        },
    }
    for name, value in values.items():
        more += ["--build-arg", f"{name}={value}"]
    dockerfile = root / "apps" / "Dockerfile"
    tags = {app: local_tag(app, sources) for app in APPS}
    for app, tag in tags.items():
        title = f"TITLE={PROJECT_NAME} {app}"
        arguments = ["--build-arg", f"APP={app}", "--build-arg", title, *more]
        engine.build(str(dockerfile), root, tag, arguments)
        engine.make_repeatable(tag, sources.seconds)
    return tags


def read_platform(environment: Mapping[str, str]) -> str:
    """Return the platform that the images are for. Raise NotReady."""
    platform = environment.get("PLATFORM") or PLATFORMS[0]
    if platform not in PLATFORMS:
        raise NotReady(f"PLATFORM must be {' or '.join(PLATFORMS)}, not {platform!r}.")
    return platform


def _platform(engine: Engine, environment: Mapping[str, str]) -> list[str]:
    platform = read_platform(environment)
    # Omitted where it is the default: Docker's old builder allows the option only as an experiment.
    own = platform == f"linux/{engine.architecture()}"
    return [] if own else ["--platform", platform]


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],  # noqa: S607 - git is where PATH says
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NotReady("There is no git here. Install it.") from None
    if done.returncode != 0:
        raise NotReady(f"{root} must be a clone with a commit: {done.stderr.strip()}")
    return done.stdout.strip()
