"""Runs of the simulator in processes of their own: without coverage, which would slow them down,
and with nothing of the tests' own process in them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
_COVERAGE = ("COV", "COVERAGE")


class Run(NamedTuple):
    """What a run printed, and whether it found every promise kept."""

    kept: bool
    output: str

    @property
    def trace(self) -> str:
        """Return the digest of all its steps."""
        return self.output.split()[-1]


def run(seed: int, operations: int, *arguments: str, hash_seed: str = "random") -> Run:
    """Run the simulator with ``seed``; raise RuntimeError when it ends otherwise than it should."""
    inherited = {name: v for name, v in os.environ.items() if not name.startswith(_COVERAGE)}
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "tests.reliability.simulation"),
            *("--seed", str(seed), "--operations", str(operations), *arguments),
        ],
        cwd=ROOT,
        env={**inherited, "PYTHONHASHSEED": hash_seed},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 1} or "operations" not in done.stdout:
        raise RuntimeError(done.stdout)
    return Run(done.returncode == 0, done.stdout)
