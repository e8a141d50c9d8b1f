"""Runs of schemathesis against the gateway of ``make run``, in front of both services."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from apps.local.token import fetch_token
from tests.support.services import ROOT, RUNNER, TIMEOUT_SECONDS, running

CONFIG = Path(__file__).with_name("schemathesis.toml")
DOCUMENT = ROOT / "docs" / "openapi.json"


def fuzz(
    environment: dict[str, str],
    *options: str,
    document: Path = DOCUMENT,
    seconds: float = TIMEOUT_SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Start the services, send them requests as the document describes them, and return the end.

    The services run for at most twice ``seconds``.
    """
    with running(RUNNER, environment, 2 * seconds):
        issuer = f"http://127.0.0.1:{environment['IDENTITY_PORT']}"
        return subprocess.run(
            command(document, f"http://127.0.0.1:{environment['GATEWAY_PORT']}", options),
            cwd=ROOT,
            env={**os.environ, "TOKEN": fetch_token(issuer, "books:write books:audit")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def command(document: Path, url: str, options: Sequence[str]) -> list[str]:
    """Return the command that runs schemathesis."""
    program = Path(sys.executable).with_name("schemathesis")
    return [
        *(str(program), "--config-file", str(CONFIG), "run", str(document)),
        *("--url", url, "--no-color", *options),
    ]
