"""What ``make run`` suggests to write first."""

from typing import Final

EXAMPLE_BODY: Final = (
    '{"title": "A Pattern Language", "authors": ["Christopher Alexander"], "published": "1977"}'
)
