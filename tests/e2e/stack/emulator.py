"""ministack, running beside a container engine: an AWS account that is empty when the block begins."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.e2e.images.emulator import find_emulator
from tests.support.container_engine import docker, free_port, listens, running

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv" / "emulator" / "bin" / "python"
LAUNCHER = Path(__file__).with_name("launcher.py")
REGION = "eu-central-1"
KEY = "test"  # both halves of it


@dataclass(frozen=True, slots=True)
class Emulator:
    """Its address (host:port), which is also that of its registry of images, and the engine that it runs them on."""

    address: str
    engine: Mapping[str, str]

    @property
    def credentials(self) -> dict[str, str]:
        """What programs need in their environment to take it for AWS: the root user's, who may do everything."""
        return {
            "AWS_ENDPOINT_URL": f"http://{self.address}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of one of its services."""
        return self._client(service, self.credentials)

    def client_of_function(self, service: str, function: str) -> Any:
        """The same with the credentials of a function's role, as a running container of it has them."""
        return self._client(
            service,
            next(
                environment
                for environment in map(self._environment, self.containers())
                if environment["AWS_LAMBDA_FUNCTION_NAME"] == function
            ),
        )

    def containers(self) -> list[str]:
        """Ids of the containers that it has started and that are there still."""
        label = f"label=ministack.instance={os.uname().nodename}:{self.address.rpartition(':')[2]}"
        return docker(self.engine, "ps", "--all", "--quiet", "--filter", label).split()

    def _environment(self, container: str) -> dict[str, str]:
        shown = docker(self.engine, "inspect", "--format", "{{json .Config.Env}}", container)
        return dict(entry.split("=", 1) for entry in json.loads(shown))

    def _client(self, service: str, credentials: Mapping[str, str]) -> Any:
        session = boto3.session.Session(
            credentials["AWS_ACCESS_KEY_ID"],
            credentials["AWS_SECRET_ACCESS_KEY"],
            credentials.get("AWS_SESSION_TOKEN"),
            region_name=REGION,
        )
        return session.client(service, endpoint_url=f"http://{self.address}")  # type: ignore[call-overload]


@contextmanager
def running_emulator(engine: Mapping[str, str], folder: Path) -> Iterator[Emulator]:
    """Run ministack with a log and scratch files in a folder. Raises NotHere.

    It listens on all interfaces: functions call it from their containers. What it started there ends with it.
    """
    rie, python, port = find_emulator(), _python(), free_port()
    emulator = Emulator(f"127.0.0.1:{port}", engine)
    # Of its own: engines beside each other give the same addresses of the bridge that they all have.
    network = f"books-{port}"
    docker(engine, "network", "create", network)
    settings = {
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        # Policies count: a function may do what its role may.
        "AUTH": "true",
        "TMPDIR": str(folder),
        "LAMBDA_DOCKER_FLAGS": f"--network {network} -v {rie}:/emulator:ro",
        # A container is given the time that the machine needs, not ten seconds.
        "MINISTACK_DOCKER_TIMEOUT": "60",
    }
    own = {name: value for name, value in engine.items() if not name.startswith("AWS_")}
    log = folder / "ministack.log"
    command = [str(python), str(LAUNCHER)]
    try:
        with running(command, log, lambda: listens(emulator.address), {**own, **settings}):
            yield emulator
    finally:
        left = emulator.containers()
        if left:
            docker(engine, "rm", "--force", *left)
        docker(engine, "network", "rm", network)


def _python() -> Path:
    """The Python that has ministack, in the environment that make makes of its lock."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    ready = PYTHON.parents[1] / "ready"
    made = subprocess.run(
        ["make", str(ready.relative_to(ROOT))],
        cwd=ROOT,
        env=ours,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return PYTHON
