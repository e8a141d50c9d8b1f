"""All checks of a history. Each is a pure function that yields what it finds wrong."""

from itertools import islice
from typing import Final

from tests.reliability.processes.history import History
from tests.reliability.processes.ledger import Ledger
from tests.reliability.processes.read_checks import READ_CHECKS
from tests.reliability.processes.write_checks import WRITE_CHECKS

MAX_SHOWN: Final = 20

ALL_CHECKS: Final = (*WRITE_CHECKS, *READ_CHECKS)


def violations(history: History) -> dict[str, list[str]]:
    """Return what each check finds wrong, at most ``MAX_SHOWN`` of each; {} where all holds."""
    ledger = Ledger(history)
    found = {check.__name__: list(islice(check(ledger), MAX_SHOWN)) for check in ALL_CHECKS}
    return {name: problems for name, problems in found.items() if problems}
