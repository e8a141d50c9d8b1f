"""How much each partition takes: 1,000 write units a second, as a token bucket for each.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

WRITE_UNITS_PER_SECOND: Final = 1_000.0

Units = tuple[tuple[str, object], int]
"""What a write costs a partition, given by its table or index and its key."""


@dataclass(slots=True)
class Throughput:
    """The units that are left of each partition's current second."""

    per_second: float = WRITE_UNITS_PER_SECOND
    _left: dict[tuple[str, object], tuple[float, float]] = field(default_factory=dict)

    def take(self, now: float, costs: Sequence[Units]) -> bool:
        """Take all ``costs``, or none when a partition has too little left."""
        left = {}
        for partition, units in costs:
            if partition not in left:
                before, then = self._left.get(partition, (self.per_second, now))
                left[partition] = min(self.per_second, before + (now - then) * self.per_second)
            left[partition] -= units
            if left[partition] < 0:
                return False
        self._left.update({partition: (units, now) for partition, units in left.items()})
        return True
