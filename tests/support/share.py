"""How much is run of the tests that look for a fault by chance.

A share on a laptop and in CI, the same each time; all of it by ``make test-thoroughly``, with
other examples each time.
"""

import os

THOROUGHLY = bool(os.environ.get("THOROUGHLY"))


def examples(share: int, thoroughly: int) -> int:
    """Return how many examples of a law are tried."""
    return thoroughly if THOROUGHLY else share
