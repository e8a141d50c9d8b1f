"""``make fuzz``: requests that schemathesis makes from the OpenAPI document, for MINUTES (5).

SEED repeats a run; by default it is the time. Exit 1 if a check has failed.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzzing.running import fuzz
from tests.support.minutes import read_minutes
from tests.support.services import TIMEOUT_SECONDS, new_environment


def main() -> int:
    """Run schemathesis, print what it says, and return its exit code."""
    seconds = round(60 * read_minutes())
    seed = os.environ.get("SEED") or str(int(time.time()))
    with tempfile.TemporaryDirectory() as folder:
        environment = new_environment(Path(folder))
        options = ("--max-time", str(seconds), "--seed", seed)
        done = fuzz(environment, *options, seconds=seconds + TIMEOUT_SECONDS)
    print(done.stdout)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
