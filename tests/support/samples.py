"""The domains of the contract suites. ``test_samples.py`` tests what each sample promises."""

from typing import Any

from tests.lending.sample import LOAN_SAMPLE
from tests.support.book_sample import BOOK_SAMPLE
from tests.support.sample import Sample

AnySample = Sample[Any, Any, Any, Any]

SAMPLES: dict[str, AnySample] = {"books": BOOK_SAMPLE, "lending": LOAN_SAMPLE}
