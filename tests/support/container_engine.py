"""A container engine for tests, and replacements for public registries.

The engine is the one that responds, or a dockerd that is started here. ``.ci/install-engine``
installs what is used; where it was not run, NotHere says so.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from core.config import PROJECT_NAME

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / PROJECT_NAME
BASE_IMAGE = "localhost/books-stand-in:1"
TIMEOUT_SECONDS = 60.0  # for a program to start, and to end
INSTALL: Final = ".ci/install-engine installs it on Debian"


class NotHere(Exception):
    """This machine lacks something; ``str()`` names it and the remedy."""


@contextmanager
def running_engine() -> Iterator[dict[str, str]]:
    """Yield an environment in which ``docker`` works. Raises NotHere.

    It is that of this process, or has a dockerd that ends with the block.
    """
    environment = dict(os.environ)
    if _responds(environment):
        yield environment
        return
    lacking = [program for program in ("docker", "dockerd") if shutil.which(program) is None]
    if lacking or os.geteuid() != 0:
        what = (
            f"no {' and no '.join(lacking)}" if lacking else "no engine that responds, and no root"
        )
        raise NotHere(f"there is {what} here to run containers: {INSTALL}")
    folder = Path(tempfile.mkdtemp(prefix="books-dockerd-"))
    try:
        environment["DOCKER_HOST"] = f"unix://{folder}/socket"
        with running([*_dockerd(folder)], folder / "log", lambda: _responds(environment)):
            yield environment
    finally:
        _remove(folder)


@contextmanager
def running_registry() -> Iterator[str]:
    """Yield the address (host:port) of an empty registry on this machine. Raises NotHere."""
    if shutil.which("docker-registry") is None:
        raise NotHere(f"there is no docker-registry here to push images to: {INSTALL}")
    folder = Path(tempfile.mkdtemp(prefix="books-registry-"))
    address = f"127.0.0.1:{free_port()}"
    settings = folder / "config.yml"
    settings.write_text(
        "version: 0.1\nlog: {level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '{address}'}}\n"
    )
    command = ["docker-registry", "serve", str(settings)]
    try:
        with running(command, folder / "log", lambda: listens(address)):
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def import_base_image(environment: Mapping[str, str]) -> str:
    """Import the replacement of the Dockerfile's base image; return its name. Raises NotHere."""
    archive = CACHE / "stand-in-base-trixie.tar"
    if not archive.exists():
        raise NotHere(f"there is no base image here to build on: {INSTALL}")
    changes = (
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        # It has this machine's certificates, for package indexes behind a proxy.
        "ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt",
    )
    options = [part for change in changes for part in ("--change", change)]
    docker(environment, "import", *options, str(archive), BASE_IMAGE)
    return BASE_IMAGE


def docker(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a docker command, which must succeed, and return its output."""
    done = subprocess.run(
        ["docker", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


@contextmanager
def running(
    command: list[str],
    log: Path,
    is_up: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[int]:
    """Run a program until the block ends; yield its process id as soon as it is up."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not is_up():
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                logged = log.read_text(errors="replace")[-4000:]
                raise AssertionError(
                    f"{command[0]} {'ended' if ended else 'does not respond'}:\n{logged}"
                )
            time.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        _end_group(process.pid)
        process.wait()


def listens(address: str) -> bool:
    """Return whether something accepts connections at ``address`` (host:port)."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _responds(environment: Mapping[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    done = subprocess.run(["docker", "ps"], env=environment, capture_output=True, check=False)
    return done.returncode == 0


def _dockerd(folder: Path) -> Iterator[str]:
    # Without firewall rules: containers here share the host's network, or publish ports by a proxy.
    yield from ("dockerd", "--iptables=false", "--ip6tables=false")
    yield from ("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec")
    yield from ("--pidfile", f"{folder}/pid", "--host", f"unix://{folder}/socket")


def _end_group(leader: int) -> None:
    with suppress(ProcessLookupError):  # the group is empty
        os.killpg(leader, signal.SIGKILL)


def _remove(folder: Path) -> None:
    # The removal would follow what a daemon leaves mounted (network namespaces, layers).
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in sorted((m for m in mounts if m.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], check=False)
    shutil.rmtree(folder, ignore_errors=True)
