"""The domains that the contract suites run with. ``test_samples.py`` holds each to what a sample promises."""

from typing import Any

from tests.lending.sample import LOAN_SAMPLE
from tests.support.book_sample import BOOK_SAMPLE
from tests.support.sample import Sample

AnySample = Sample[Any, Any, Any, Any]

SAMPLES: dict[str, AnySample] = {"books": BOOK_SAMPLE, "lending": LOAN_SAMPLE}
