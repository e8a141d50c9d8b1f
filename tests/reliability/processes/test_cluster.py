"""No process outlives its run, however that ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.local.run import ROOT
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("reliability-sqlite")]

RUNNER = """
import sys
from pathlib import Path
from tests.reliability.processes.cluster import PROCESSES, running_cluster
folder = Path(sys.argv[1])
environment = {"STORE": "sqlite", "SQLITE_PATH": str(folder / "books.db")}
with running_cluster(environment, folder) as cluster:
    print(*(cluster.pid(name) for name in (*PROCESSES, "identity")), flush=True)
    sys.stdin.read()
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_all_processes_end_when_the_run_is_killed(tmp_path: Path) -> None:
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with runner:
        assert runner.stdout
        pids = [int(pid) for pid in runner.stdout.readline().split()]
        runner.kill()
    assert len(pids) == 6
    until(lambda: [pid for pid in pids if is_alive(pid)], lambda alive: not alive)
