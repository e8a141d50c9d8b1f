"""ministack, running beside a container engine: an AWS account that starts empty."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from tests.support.container_engine import docker, free_port, listens, running
from tests.support.lambda_emulator import find_emulator

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv" / "emulator" / "bin" / "python"
LAUNCHER = "tests.e2e.stack.launcher"
REGION = "eu-central-1"
KEY = "test"  # the id and the secret
ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: its address (host:port), also of its image registry, and its engine.

    ``record`` is the file of what it has compared with policies (``launcher.authorization``).
    """

    address: str
    engine: Mapping[str, str]
    record: Path

    @property
    def credentials(self) -> dict[str, str]:
        """Return the environment in which programs use it as AWS, with all permissions."""
        return {
            "AWS_ENDPOINT_URL": f"http://{self.address}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client of one of its services, with all permissions."""
        return self._client(service, self.credentials)

    def assume(self, role: str, subject: str, audience: str = AUDIENCE) -> dict[str, str]:
        """Return the environment of a job on GitHub that has a role, or raise ClientError.

        The token is not signed: the emulator compares its claims with the role's trust policy, and
        checks no signature.
        """
        claims = {"iss": ISSUER, "sub": subject, "aud": audience}
        parts = [_base64({"alg": "none"}), _base64(claims), ""]
        sts = boto3.client(
            "sts",
            region_name=REGION,
            endpoint_url=f"http://{self.address}",
            config=Config(signature_version=UNSIGNED),
        )
        granted = sts.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="job", WebIdentityToken=".".join(parts)
        )["Credentials"]
        return {
            **self.credentials,
            "AWS_ACCESS_KEY_ID": granted["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": granted["SecretAccessKey"],
            "AWS_SESSION_TOKEN": granted["SessionToken"],
        }

    def client_of(self, service: str, credentials: Mapping[str, str]) -> Any:
        """Return a client with credentials that ``assume`` returned."""
        return self._client(service, credentials)

    def recorded(self) -> list[dict[str, Any]]:
        """Return what it has compared with policies so far, in order."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return [json.loads(line) for line in lines]

    def client_of_function(self, service: str, function: str) -> Any:
        """Return a client with the credentials of a function's role, taken from its container."""
        return self._client(service, next(iter(self._environments_of(function).values())))

    def containers(self) -> list[str]:
        """Return the ids of the containers that it has started and that still exist."""
        return self._containers("--all")

    def containers_of(self, function: str) -> list[str]:
        """Return the ids of the running containers of a function."""
        return list(self._environments_of(function))

    def _environments_of(self, function: str) -> dict[str, dict[str, str]]:
        """Return the environments of a function's running containers, by their ids."""
        running = self._containers()
        shown = (
            docker(self.engine, "inspect", "--format", "{{json .Config.Env}}", *running)
            if running
            else ""
        )
        environments = [
            dict(entry.split("=", 1) for entry in json.loads(line)) for line in shown.splitlines()
        ]
        return {
            container: environment
            for container, environment in zip(running, environments, strict=True)
            if environment["AWS_LAMBDA_FUNCTION_NAME"] == function
        }

    def _containers(self, *options: str) -> list[str]:
        label = f"label=ministack.instance={os.uname().nodename}:{self.address.rpartition(':')[2]}"
        return docker(self.engine, "ps", *options, "--quiet", "--filter", label).split()

    def _client(self, service: str, credentials: Mapping[str, str]) -> Any:
        session = boto3.session.Session(
            credentials["AWS_ACCESS_KEY_ID"],
            credentials["AWS_SECRET_ACCESS_KEY"],
            credentials.get("AWS_SESSION_TOKEN"),
            region_name=REGION,
        )
        return session.client(service, endpoint_url=f"http://{self.address}")  # type: ignore[call-overload]


def _base64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@contextmanager
def running_emulator(engine: Mapping[str, str], folder: Path) -> Iterator[Emulator]:
    """Run ministack with a log and scratch files in a folder. Raises NotHere.

    It listens on all interfaces: functions call it from their containers. Containers that it
    started end with it.
    """
    rie, port = find_emulator(), free_port()
    emulator = Emulator(f"127.0.0.1:{port}", engine, folder / "authorizations.ndjson")
    # A network of its own: engines side by side assign the same addresses on their default bridge.
    network = f"books-{port}"
    docker(engine, "network", "create", network)
    settings = {
        # Enforce policies: a function may do only what its role may.
        "AUTH": "true",
        "AUTHORIZATIONS": str(emulator.record),
        "LAMBDA_DOCKER_FLAGS": f"--network {network} -v {rie}:/emulator:ro",
        # More time for a container to start than the default of ten seconds.
        "MINISTACK_DOCKER_TIMEOUT": "60",
    }
    try:
        with _running(emulator, folder, settings):
            yield emulator
    finally:
        left = emulator.containers()
        if left:
            docker(engine, "rm", "--force", *left)
        docker(engine, "network", "rm", network)


@contextmanager
def running_emulator_without_engine(folder: Path) -> Iterator[Emulator]:
    """Run ministack with a log and scratch files in a folder, and zip functions as processes."""
    emulator = Emulator(f"127.0.0.1:{free_port()}", os.environ, folder / "none")
    with _running(emulator, folder, {"LAMBDA_EXECUTOR": "local"}):
        yield emulator


@contextmanager
def _running(emulator: Emulator, folder: Path, settings: Mapping[str, str]) -> Iterator[None]:
    own = {name: value for name, value in emulator.engine.items() if not name.startswith("AWS_")}
    environment = {
        **own,
        **settings,
        "GATEWAY_PORT": emulator.address.rpartition(":")[2],
        "IOT_MTLS_ENABLED": "0",  # it has one port for all emulators
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(folder),
    }
    command = [str(_python()), "-m", LAUNCHER]
    log = folder / "ministack.log"
    with running(command, log, lambda: listens(emulator.address), environment):
        yield


def _python() -> Path:
    """Return the Python of the environment that make creates for ministack."""
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
