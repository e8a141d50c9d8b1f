"""Settings of all tests.

Hypothesis draws few examples, the same each time in CI, which sets the variable CI; ``make
test-thoroughly`` draws many, other ones each time. ``--hypothesis-profile=few`` is for where a law
is only tried. No example has a deadline.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.share import THOROUGHLY

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, print_blob=True, derandomize=True)
settings.register_profile(
    "thorough", deadline=None, max_examples=500, print_blob=True, derandomize=False
)
settings.register_profile("few", deadline=None, max_examples=10)
settings.load_profile("thorough" if THOROUGHLY else "ci" if os.environ.get("CI") else "dev")

BY_CHANCE = (
    "packages/chalice-terraform/tests/merging/test_laws.py",
    "tests/contract/test_listing_properties.py",
    "tests/properties/",
    "tests/reliability/simulation/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the longest tests by chance, and do not measure their coverage.

    They would take twice as long, and what their thousands of examples run, the tests of single
    examples cover.
    """
    for item in items:
        if item.nodeid.startswith(BY_CHANCE):
            item.add_marker(pytest.mark.by_chance)
            item.add_marker(pytest.mark.no_cover)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have recorded by ``record_property``."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Restore AWS_EXECUTION_ENV, to which each Chalice app appends.

    botocore sends it in the User-Agent, and after some hundred apps in one process no server
    accepts that header.
    """
    before = os.environ.get("AWS_EXECUTION_ENV")
    result = yield
    if before is None:
        os.environ.pop("AWS_EXECUTION_ENV", None)
    else:
        os.environ["AWS_EXECUTION_ENV"] = before
    return result
