"""What ``make run`` suggests to write first."""

from typing import Final

EXAMPLE_BODY: Final = '{"title": "A Pattern Language", "label": "first"}'
