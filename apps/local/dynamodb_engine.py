"""AWS's DynamoDB Local: fetched once, started and stopped.

The npm package amplify-dynamodb-simulator ships the program. Only ``npm pack`` is used, so no code
of the package or of its dependencies runs. It needs Java 17 or newer.
"""

import base64
import fcntl
import hashlib
import http.client
import json
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from apps.local.process_group import process_group

PACKAGE: Final = "amplify-dynamodb-simulator@2.9.30"
INTEGRITY: Final = (
    "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2"
    "Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
)
"""As in npm's package-lock.json (Subresource Integrity)."""

FOLDER: Final = Path(__file__).resolve().parents[2] / "build" / "dynamodb-local"

_START_SECONDS: Final = 60.0
_JVM: Final = ("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_ARGUMENTS: Final = ("-inMemory", "-sharedDb", "-disableTelemetry")


class CannotStart(Exception):
    """DynamoDB Local cannot start here; the message names the cause and the remedy."""


def missing_tools() -> str | None:
    """Return a line that names what this machine lacks for DynamoDB Local, or None."""
    lacking = [tool for tool in ("java", "npm") if shutil.which(tool) is None]
    return f"DynamoDB Local needs {' and '.join(lacking)}, not found here" if lacking else None


@contextmanager
def dynamodb_local(port: int | None = None) -> Iterator[str]:
    """Run DynamoDB Local, empty and in memory, and yield its URL.

    It ends with the block, and also with this process. It listens on all addresses of the machine
    (it has no option for fewer), on a free port unless one is given. Raise CannotStart.
    """
    if (problem := missing_tools()) is not None:
        raise CannotStart(f"{problem}. On Debian: apt-get install openjdk-17-jre-headless npm")
    folder = install()
    chosen = _free_port(port or 0)
    jar = [*_JVM, "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
    java = ["java", *jar, *_ARGUMENTS, "-port", str(chosen)]
    with tempfile.TemporaryFile() as output, process_group() as group:
        process = subprocess.Popen(
            java,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=group,  # Ctrl-C reaches us alone, and we stop it in our own order
        )
        try:
            if not _is_up(process, chosen):
                output.seek(0)
                said = output.read().decode(errors="replace")
                raise CannotStart(f"DynamoDB Local did not start on port {chosen}:\n{said}")
            yield f"http://127.0.0.1:{chosen}"
        finally:
            process.kill()
            process.wait()


def install(folder: Path = FOLDER) -> Path:
    """Return the folder of DynamoDB Local's program, fetched if needed. Raise CannotStart."""
    program = folder / "package" / "emulator"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other processes may fetch it at the same time
        if not program.exists():
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                archive = _fetch(Path(scratch))
                with tarfile.open(archive) as packed:
                    # Not every Python 3.11 has the argument ``filter``.
                    packed.extraction_filter = getattr(tarfile, "data_filter", None)
                    packed.extractall(Path(scratch) / "out")  # noqa: S202 - its digest is known
                shutil.rmtree(folder, ignore_errors=True)
                (Path(scratch) / "out").rename(folder)
    return program


def _fetch(folder: Path) -> Path:
    command = ["npm", "pack", PACKAGE, "--json", "--pack-destination", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotStart(f"npm pack {PACKAGE} failed:\n{done.stderr}")
    archive = folder / str(json.loads(done.stdout)[0]["filename"])
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != INTEGRITY:
        raise CannotStart(f"{PACKAGE} has changed: its digest is sha512-{digest}, not {INTEGRITY}")
    return archive


def _free_port(wanted: int) -> int:
    """Return ``wanted`` if it is free, or with 0 any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT does not count
        try:
            probe.bind(("", wanted))
        except OSError as error:
            raise CannotStart(f"Port {wanted}, for DynamoDB, cannot be used: {error}") from error
        port: int = probe.getsockname()[1]
        return port


def _is_up(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return True
        finally:
            connection.close()
    return False
