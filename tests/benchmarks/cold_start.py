"""The cold start of each function to its first response, what it takes, and what it deploys.

Each starts in a container of an image under AWS's Runtime Interface Emulator, as Lambda starts it,
and reads from DynamoDB Local. All peers are in one image on the same base as ours, with the same
Python, compiled in the same way; each sees the packages that it needs and no others.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from subprocess import run

from tests.benchmarks.functions import (
    APPS,
    OURS,
    TITLES,
    Start,
    build_images,
    check,
    events,
    filled_store,
    in_containers,
    in_processes,
)
from tests.benchmarks.measuring import Data, Spread, significant, spread, take_turns
from tests.support.container_engine import docker, running_engine
from tests.support.lambda_emulator import timed

TAKEN = r"""
import json, pathlib, re
found = []
for process in pathlib.Path("/proc").glob("[0-9]*"):
    status = (process / "status").read_text()
    if re.search(r"^Name:\s+python", status):
        threads = process.glob("task/*/schedstat")
        nanoseconds = sum(int(thread.read_text().split()[0]) for thread in threads)
        found.append((int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M)[1]), nanoseconds))
print(json.dumps(max(found)))
"""
"""Prints the peak of memory and the processor time of the function: this itself takes less."""

SIZES = """
import json, pathlib, sys
def size(path):
    return sum(f.stat().st_size for f in (path, *path.rglob("*")) if f.is_file())
print(json.dumps({p.name: size(p) for p in pathlib.Path(sys.argv[1]).iterdir()}))
"""
LARGEST = 6


def measure(rounds: int = 15, *, containers: bool = True) -> Data:
    """Return seconds and MB of each function. Without ``containers``, the seconds of a POST."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = stack.enter_context(filled_store())
        run(["chmod", "a+rX", str(scratch)], check=True)
        if not containers:
            starts = in_processes(Path(sys.executable), scratch, environment, "POST")
            return {"seconds": {"POST": _measure(starts, "POST", rounds)["seconds"]}}
        engine = stack.enter_context(running_engine())
        images = build_images(engine, scratch)
        measured = {
            kind: _measure(
                in_containers(engine, images, scratch, environment, kind), kind, rounds, engine
            )
            for kind in APPS
        }
        return {
            **{name: {kind: measured[kind][name] for kind in APPS} for name in measured["GET"]},
            "packages_mb": _packages(engine, images),
            "images_mb": {app: _parts(engine, images, app) for app in APPS.values()},
        }


def _measure(
    starts: Mapping[str, Start], kind: str, rounds: int, engine: Mapping[str, str] | None = None
) -> dict[str, dict[str, Spread]]:
    """Return the seconds to the first response and, where there is an ``engine``, what that took.

    That is the processor's seconds, and the peak of memory in MB.
    """
    sent = events(kind)
    taken: dict[str, dict[str, list[float]]] = {"cpu_seconds": {}, "peak_mb": {}}

    def start(name: str) -> float:
        with starts[name]() as function:
            seconds = timed(function, sent[name])
            if engine is not None:
                inside = docker(engine, "exec", function.container, "python3", "-c", TAKEN)
                kilobytes, nanoseconds = json.loads(inside)
                taken["peak_mb"].setdefault(name, []).append(kilobytes * 1024 / 1e6)
                taken["cpu_seconds"].setdefault(name, []).append(nanoseconds / 1e9)
            check(function.invoke(sent[name]), kind)
        return seconds

    acts = {name: partial(start, name) for name in starts}
    if engine is not None:
        take_turns(acts, 1)  # the first start of an image also reads it from the disk
        for values in taken.values():
            values.clear()
    seconds = take_turns(acts, rounds)
    spreads = {
        what: {name: spread(values) for name, values in found.items()}
        for what, found in taken.items()
        if found
    }
    return {"seconds": seconds, **spreads}


def _packages(engine: Mapping[str, str], images: Mapping[str, str]) -> dict[str, float]:
    """Return the MB of the packages that each function needs, with their bytecode."""
    found = {}
    for peer, title in TITLES.items():
        sizes = _sizes(engine, images["peers"], f"/peers/{peer}")
        found[title] = sum(size for name, size in sizes.items() if name != "__pycache__")
    ours = {app: _parts(engine, images, app)["packages"] for app in APPS.values()}
    return {
        **{title: significant(size / 1e6) for title, size in found.items()},
        **{f"{OURS}, {app}": size for app, size in ours.items()},
    }


def _parts(engine: Mapping[str, str], images: Mapping[str, str], app: str) -> dict[str, float]:
    """Return the MB of the parts of our image of ``app``; the largest packages have a space."""
    whole = int(docker(engine, "image", "inspect", "--format", "{{.Size}}", images[app]))
    task = _sizes(engine, images[app], "/var/task")
    named = ("app.py", "chalice_terraform", "core", "docs", "pages")
    ours = {name: task.pop(name) for name in named if name in task}
    packages = sum(task.values())
    largest = sorted(task, key=lambda name: task[name], reverse=True)[:LARGEST]
    parts = {
        "Python and its libraries": whole - packages - sum(ours.values()),
        "packages": packages,
        **{f" {name}": task[name] for name in largest},
        "our code": sum(ours.values()),
        "whole image": whole,
    }
    return {name: significant(size / 1e6) for name, size in parts.items()}


def _sizes(engine: Mapping[str, str], image: str, folder: str) -> dict[str, int]:
    inside = ("run", "--rm", "--entrypoint", "python3", image, "-c", SIZES, folder)
    sizes: dict[str, int] = json.loads(docker(engine, *inside))
    return sizes
