"""Check a history again: ``python -m tests.reliability.processes.check FILE``.

Exit 1 if it has violations.
"""

import sys
from pathlib import Path

from tests.reliability.processes.checks import violations
from tests.reliability.processes.history import load

if __name__ == "__main__":
    found = violations(load(Path(sys.argv[1])))
    for check, problems in found.items():
        for problem in problems:
            print(f"{check}: {problem}")
    sys.exit(1 if found else 0)
