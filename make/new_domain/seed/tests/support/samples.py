"""The domains that the contract suites run with."""

from typing import Any

from tests.support.book_sample import BOOK_SAMPLE
from tests.support.sample import Sample

AnySample = Sample[Any, Any, Any, Any]

SAMPLES: dict[str, AnySample] = {"books": BOOK_SAMPLE}
