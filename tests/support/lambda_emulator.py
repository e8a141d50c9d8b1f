"""Functions under AWS's Runtime Interface Emulator, from images or virtual environments."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from typing import Any

from tests.support.container_engine import (
    CACHE,
    INSTALL,
    NotHere,
    docker,
    free_port,
    listens,
    running,
)

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = ("python3", "-m", "awslambdaric")


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the emulator starts at its first invocation, in ``container`` if anywhere."""

    address: str
    container: str = ""

    def invoke(self, event: object) -> Any:
        """Return what the handler returns for an event."""
        request = urllib.request.Request(
            f"http://{self.address}/2015-03-31/functions/function/invocations",
            data=json.dumps(event).encode(),
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)


def find_emulator() -> Path:
    """Return the emulator's program. Raises NotHere."""
    program = CACHE / "aws-lambda-rie"
    if not program.exists():
        raise NotHere(f"AWS's Runtime Interface Emulator is not here: {INSTALL}")
    return program


@contextmanager
def function_in_container(
    engine: Mapping[str, str],
    image: str,
    command: str | None,
    environment: Mapping[str, str],
    scratch: Path,
    options: tuple[str, ...] = (),
) -> Iterator[Function]:
    """Run a function as Lambda does: the image's own entry point, under the emulator.

    ``command`` names its handler, unless it is the image's own. The file system is read-only but
    for /tmp, as Lambda's is.
    """
    address, runtime_api = _addresses()
    about = json.loads(docker(engine, "image", "inspect", image))[0]["Config"]
    name = f"books-{address.rpartition(':')[2]}"
    run = ["docker", "run", "--rm", "--name", name, "--network", "host"]
    run += ["--read-only", "--tmpfs", "/tmp"]
    run += ["--volume", f"{find_emulator()}:/emulator:ro", "--entrypoint", "/emulator", *options]
    for variable, value in environment.items():
        run += ["--env", f"{variable}={value}"]
    arguments = [*about["Entrypoint"], *([command] if command else about["Cmd"])]
    with running(
        [*run, image, *_emulation(address, runtime_api), *arguments],
        scratch / f"{address}.log",
        lambda: listens(address),
        engine,
    ):
        try:
            yield Function(address, name)
        finally:
            # The emulator is process 1 there, and reacts to no other signal.
            docker(engine, "rm", "--force", name)


@contextmanager
def function_in_process(
    python: Path, task: Path, handler: str, environment: Mapping[str, str], scratch: Path
) -> Iterator[Function]:
    """Run a function in the folder ``task`` with ``python`` under the emulator.

    Its environment is ``environment`` alone.
    """
    address, runtime_api = _addresses()
    command = [str(find_emulator()), *_emulation(address, runtime_api)]
    with running(
        [*command, str(python), *ENTRYPOINT[1:], handler],
        scratch / f"{address}.log",
        lambda: listens(address),
        {"PATH": "/usr/bin:/bin", **environment},
        task,
    ):
        yield Function(address)


def _addresses() -> tuple[str, str]:
    return f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"


def _emulation(address: str, runtime_api: str) -> list[str]:
    return [
        "--runtime-interface-emulator-address",
        address,
        "--runtime-api-address",
        runtime_api,
    ]


def make_task(app: str, folder: Path) -> Path:
    """Make a folder like an image's /var/task, without the packages, and return it."""
    task = folder / app
    copytree(ROOT / "core", task / "core", ignore=ignore_patterns("__pycache__"))
    library = ROOT / "packages" / "chalice-terraform" / "src" / "chalice_terraform"
    unused = ignore_patterns("__pycache__", "command_line", "merging")
    copytree(library, task / "chalice_terraform", ignore=unused)
    others = ignore_patterns("__pycache__", "__init__.py", ".chalice")
    copytree(ROOT / "apps" / app, task, ignore=others, dirs_exist_ok=True)
    (task / "docs").mkdir()
    copy(ROOT / "docs" / "openapi.json", task / "docs")
    return task


def make_environment(app: str, folder: Path) -> Path:
    """Make a virtual environment with an app's locked requirements alone, and return its Python."""
    venv = folder / f"{app}-environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    locks = [ROOT / "requirements" / f"{name}.txt" for name in ("runtime", app)]
    uv = ROOT / ".venv" / "uv" / "bin" / "uv"  # where make has made an environment
    own = [str(uv), "pip", "install", "--python", str(python)]
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-compile"]
    install = own if uv.exists() else pip
    install += ["--quiet", "--no-deps", "--require-hashes"]
    for lock in locks:
        install += ["--requirement", str(lock)]
    subprocess.run(install, check=True, capture_output=True)
    return python


def timed(function: Function, event: object) -> float:
    """Return the seconds until the function responds."""
    started = time.perf_counter()
    function.invoke(event)
    return time.perf_counter() - started
