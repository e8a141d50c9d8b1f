"""The steps from each version of the schema to the next.

A step is never changed once it has been released, so it uses nothing of the rest of the package,
which goes on changing.
"""

from collections.abc import Callable, Mapping
from sqlite3 import Connection
from typing import Final

Step = Callable[[Connection], None]

MIGRATIONS: Final[Mapping[int, Step]] = {}
"""For each version, the step to the next. It runs in its caller's transaction."""
