"""The page of the benchmarks has the figures of their results, and no others."""

import json
import re
from xml.etree import ElementTree

from tests.benchmarks.report import PAGE, RESULTS, SECTIONS, report

COMMITTED, PLOTS = report(json.loads(RESULTS.read_text()))


def test_the_page_is_what_the_results_give() -> None:
    page = RESULTS.parent.with_suffix(".md")
    assert page.read_text() == COMMITTED, "run: make bench-report"


def test_the_plots_are_what_the_results_give() -> None:
    committed = {file.name: file.read_text() for file in RESULTS.parent.glob("*.svg")}
    assert committed == PLOTS, "run: make bench-report"


def test_every_benchmark_is_on_the_page() -> None:
    assert re.findall(r"\{\{(\w+)\}\}", PAGE.read_text()) == list(SECTIONS)
    assert "Not measured." not in COMMITTED


def test_plots_are_valid_and_adapt_to_a_dark_page() -> None:
    for plot in PLOTS.values():
        assert ElementTree.fromstring(plot).tag.endswith("svg")
        assert "prefers-color-scheme: dark" in plot
