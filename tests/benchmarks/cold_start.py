"""The cold start of each service, to its first response, compared with a bare handler.

    python -m tests.benchmarks.cold_start

Each function starts from its image under AWS's Runtime Interface Emulator, with DynamoDB Local. The
bare handler is boto3 and one GetItem, in the query service's image: the same Python and the same
packages. They take turns, so that a slow moment of the machine affects all alike. Printed are the
medians of 11 starts, their ratios, and the sizes of the images.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from subprocess import run

from apps.local.dynamodb import running_dynamodb
from core.config import PROJECT_NAME, read_settings
from tests.support.api import UNKNOWN, json_bytes
from tests.support.container_engine import docker, import_base_image, running_engine
from tests.support.example import BOOKS, EMMA
from tests.support.gateway import AUDIENCE, ISSUER
from tests.support.gateway_events import HttpRequest, payload_2
from tests.support.lambda_emulator import ROOT, Function, function_in_container, timed

BARE = """
import os
import boto3

client = boto3.client("dynamodb", endpoint_url=os.environ["DYNAMODB_ENDPOINT"])

def handler(event, context):
    key = {"pk": {"S": "x"}, "sk": {"S": "x"}}
    client.get_item(TableName=os.environ["CATALOGUE_TABLE"], Key=key)
    return {"statusCode": 200}
"""
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "scope": "books:write"}
READ = HttpRequest("GET", BOOKS + "/{id}", {"id": UNKNOWN})
WRITE = HttpRequest(
    "POST",
    BOOKS,
    headers=[("content-type", "application/json")],
    body=json_bytes(EMMA),
    claims=CLAIMS,
)
PARTS = """
import json, pathlib
task = pathlib.Path("/var/task")
def size(*paths):
    files = [f for p in paths for f in ([p] if p.is_file() else p.rglob("*")) if f.is_file()]
    return sum(file.stat().st_size for file in files)
ours = [task / "app.py", task / "core", *task.glob("__pycache__/app.*")]
packages = {p.name: size(p) for p in task.iterdir() if p not in ours}
largest = sorted(packages, key=packages.get, reverse=True)[:6]
total = {"our code": size(*ours), "packages": sum(packages.values())}
print(json.dumps(total | {" " + name: packages[name] for name in largest}))
"""

Start = Callable[[], AbstractContextManager[Function]]


def measure(starts: Mapping[str, tuple[Start, object]], times: int) -> dict[str, float]:
    """Return the median seconds of each function's first response."""
    taken: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(times):
        for name, (start, event) in starts.items():
            with start() as function:
                taken[name].append(timed(function, event))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def show_sizes(engine: Mapping[str, str], base: str, tags: Mapping[str, str]) -> None:
    """Print what is in each image, in MB."""
    whole = {name: int(docker(engine, "image", "inspect", "--format", "{{.Size}}", image))
             for name, image in {"base": base, **tags}.items()}  # fmt: skip
    print(f"base image {whole['base'] / 1e6:.1f} MB")
    for app, tag in tags.items():
        inside = ("run", "--rm", "--entrypoint", "python3", tag, "-c", PARTS)
        print(f"{app}: {whole[app] / 1e6:.1f} MB, of that")
        for part, size in json.loads(docker(engine, *inside)).items():
            print(f"  {part:<24} {size / 1e6:5.1f} MB")


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=11)
    times = parser.parse_args().times
    with ExitStack() as stack:
        engine = stack.enter_context(running_engine())
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        base = import_base_image(engine)
        version = {"VERSION": "benchmark", "BASE_IMAGE": base}
        build = ["make", "docker-build", "DOCKER_BUILD_ARGS=--network host"]
        run(build, cwd=ROOT, env={**engine, **version}, check=True, capture_output=True)
        tags = {app: f"{PROJECT_NAME}/{app}:benchmark" for app in ("command", "query")}
        show_sizes(engine, base, tags)
        table = read_settings({}).catalogue_table
        local = stack.enter_context(running_dynamodb(read_settings({}), {}))
        settings = {
            **local,
            "CATALOGUE_TABLE": table,
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
        }
        bare = scratch / "bare"
        bare.mkdir()
        (bare / "bare.py").write_text(BARE)
        run(["chmod", "-R", "a+rX", str(scratch)], check=True)
        inside = (
            "--volume",
            f"{bare}:/bare:ro",
            "--workdir",
            "/bare",
            "--env",
            "PYTHONPATH=/var/task",
        )

        def of(app: str, command: str | None = None, options: tuple[str, ...] = ()) -> Start:
            return lambda: function_in_container(
                engine, tags[app], command, settings, scratch, options
            )

        medians = measure(
            {
                "bare boto3": (of("query", "bare.handler", inside), {}),
                "query, GET a book": (of("query"), payload_2(READ)),
                "command, POST a book": (of("command"), payload_2(WRITE)),
            },
            times,
        )
    for name, seconds in medians.items():
        ratio = seconds / medians["bare boto3"]
        print(f"{name:<22} {seconds:6.3f} s   {ratio:.2f} times the bare handler")


if __name__ == "__main__":
    main()
