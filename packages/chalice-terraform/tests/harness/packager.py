"""Runs ``chalice package`` for each request, in a fork of one process that has imported Chalice.

    python -m harness.packager

Importing Chalice takes several times as long as packaging a small app. A request is a line of
standard input: JSON with ``directory`` and ``environment``. The response is a line of standard
output: JSON with ``code``, the exit code, and ``output``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any, NoReturn

import chalice.deploy.deployer
import chalice.package  # noqa: F401  (with the module above, what chalice.cli imports when it is used)
from chalice.cli import main


def serve() -> None:
    """Respond to requests until standard input ends."""
    for line in sys.stdin:
        print(json.dumps(_respond(json.loads(line))), flush=True)


def _respond(request: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as output:
        process = os.fork()
        if process == 0:
            _package(request, output.fileno())
        _, status = os.waitpid(process, 0)
        output.seek(0)
        return {"code": status, "output": output.read().decode()}


def _package(request: dict[str, Any], output: int) -> NoReturn:
    """Be ``chalice package`` in this process, and end it."""
    code = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(request["directory"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.path[:0] = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        sys.argv = ["chalice", "package", "--pkg-format", "terraform", "out"]
        code = main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
