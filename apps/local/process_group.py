"""A process group that does not outlive this process, however this process ends.

``kill -9`` leaves a process no time to stop what it has started. So a reaper leads the group: a
shell that waits for the end of a pipe, whose other end is held by this process alone, and then ends
the group. Programs are started with ``subprocess.Popen(..., process_group=group)``, so each is in
the group before its first instruction. There is no moment at which a program runs and the reaper
does not know it: between fork and exec the new process holds a copy of our end of the pipe, so the
pipe cannot end in between.

Why not prctl(PR_SET_PDEATHSIG): only Linux has it, the children of a program do not inherit it, and
it fires when the thread that started the program ends, not the process.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

GRACE_SECONDS = 5.0  # between SIGTERM and SIGKILL

# "0" is the group of the shell itself, so the last line ends the reaper too.
_REAPER = """
trap '' HUP INT TERM
echo ready
read -r _
kill -TERM 0
sleep "$1"
kill -KILL 0
"""


@contextmanager
def process_group(grace_seconds: float = GRACE_SECONDS) -> Iterator[int]:
    """Yield the id of an empty process group, which ends at once with the block.

    If this process is killed instead, all in the group get SIGTERM, and SIGKILL ``grace_seconds``
    later. The group is in this process's session, but a terminal's Ctrl-C does not reach it.
    """
    with subprocess.Popen(
        ["/bin/sh", "-c", _REAPER, "reaper", str(grace_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=0,
    ) as reaper:
        assert reaper.stdout is not None
        reaper.stdout.readline()  # from here on it ignores the SIGTERM that others get
        try:
            yield reaper.pid
        finally:
            signal_group(reaper.pid, signal.SIGKILL)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to all in ``group``. SIGTERM does not end the reaper."""
    with suppress(ProcessLookupError, PermissionError):  # all have just ended (EPERM: macOS)
        os.killpg(group, number)
