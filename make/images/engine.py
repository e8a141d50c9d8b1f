"""A container engine on the command line: docker or podman."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from make.images.repeatable import make_repeatable

_PUSHED: Final = re.compile(r"digest: (sha256:[0-9a-f]{64}) ")
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


class NotReady(Exception):
    """Something is missing or refused; ``str()`` has a line for each, with the remedy."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, called by ``command`` with its arguments, such as ``("sudo", "docker")``."""

    command: tuple[str, ...]
    is_podman: bool

    def build(self, dockerfile: str, context: Path, tag: str, arguments: Sequence[str]) -> None:
        """Build an image as ``tag``, with more ``arguments``. Raise NotReady."""
        self._run("build", "--file", dockerfile, "--tag", tag, *arguments, str(context))

    def make_repeatable(self, tag: str, seconds: int) -> None:
        """Replace ``tag`` by an image of the time ``seconds`` that depends on its sources only."""
        with TemporaryDirectory() as folder:
            saved, settled = Path(folder) / "saved.tar", Path(folder) / "settled.tar"
            archive = ("--format", "docker-archive") if self.is_podman else ()
            self._run("save", *archive, "--output", str(saved), tag, quiet=True)
            make_repeatable(saved, settled, seconds)
            self._run("load", "--input", str(settled), quiet=True)

    def image_id(self, tag: str) -> str:
        """Return the digest of an image's configuration."""
        id_ = self._read("image", "inspect", "--format", "{{.Id}}", tag)
        return f"sha256:{id_.removeprefix('sha256:')}"

    def architecture(self) -> str:
        """Return the architecture that the engine runs on: amd64 or arm64."""
        field = "{{.Host.Arch}}" if self.is_podman else "{{.Architecture}}"
        name = self._read("info", "--format", field)
        return _ARCHITECTURES.get(name, name)

    def log_in(self, registry: str, user: str, password: str) -> None:
        """Log in to a registry. The password is not on the command line."""
        login = ("login", "--username", user, "--password-stdin", registry)
        self._run(*login, quiet=True, given=password)

    def push(self, tag: str, reference: str) -> str:
        """Push ``tag`` as ``reference`` (repository:tag); return its digest. Raise NotReady."""
        self._run("tag", tag, reference, quiet=True)
        if not self.is_podman:
            found = _PUSHED.search(self._run("push", reference, quiet=True))
            assert found, "docker push prints a digest"
            return found[1]
        with TemporaryDirectory() as folder:
            digest = Path(folder) / "digest"
            self._run("push", "--digestfile", str(digest), reference, quiet=True)
            return digest.read_text().strip()

    def _read(self, *arguments: str) -> str:
        return self._run(*arguments, quiet=True).strip()

    def _run(self, *arguments: str, quiet: bool = False, given: str | None = None) -> str:
        done = subprocess.run(
            [*self.command, *arguments],
            input=given,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.PIPE if quiet else None,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            what = f"{self.command[-1]} {arguments[0]} failed"
            raise NotReady(f"{what}: {done.stderr.strip()}" if quiet else f"{what}, see above.")
        return done.stdout or ""


def find_engine(environment: Mapping[str, str]) -> Engine:
    """Return the engine that DOCKER names, by default docker, if it responds. Raise NotReady."""
    command = tuple(shlex.split(environment.get("DOCKER") or "docker"))
    name = " ".join(command)
    if shutil.which(command[0]) is None:
        raise NotReady(
            f"{command[0]} is not installed. Install Docker or podman, and name it: "
            "make ... DOCKER=podman"
        )
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    running = subprocess.run([*command, "ps"], capture_output=True, text=True, check=False)
    if running.returncode != 0:
        reason = (running.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotReady(
            f"{name} is installed, but its engine does not respond ({reason}). Start it."
        )
    return Engine(command, is_podman="podman" in version.stdout.lower())
