"""Every scenario in features/ passes for the plan, and fails for the mistakes it should find."""

import re
from collections.abc import Mapping

import pytest

from tests.infrastructure.compliance.conftest import Outcomes
from tests.infrastructure.compliance.mutation import Mutation
from tests.infrastructure.compliance.mutations import MUTATIONS
from tests.infrastructure.stack.planning import ROOT

pytestmark = pytest.mark.xdist_group("terraform")

FEATURES = sorted((ROOT / "features").rglob("*.feature"))
TITLE = re.compile(r"^  Scenario(?: Outline)?: (.+)$", re.MULTILINE)
SCENARIOS = {
    root: [
        title
        for feature in sorted((ROOT / "features" / root).glob("*.feature"))
        for title in TITLE.findall(feature.read_text())
    ]
    for root in ("service", "registry", "bootstrap", "integration-events")
}
EVERY = [(root, title) for root, titles in SCENARIOS.items() for title in titles]


@pytest.mark.parametrize("root", SCENARIOS)
def test_every_scenario_passes_for_the_plan(
    outcomes: Mapping[tuple[str, str], Outcomes], root: str
) -> None:
    assert outcomes[root, ""] == dict.fromkeys(SCENARIOS[root], True)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.mistake)
def test_a_mistake_fails_exactly_the_scenarios_against_it(
    outcomes: Mapping[tuple[str, str], Outcomes], mutation: Mutation
) -> None:
    found = outcomes[mutation.root, mutation.mistake]
    assert set(found) == set(SCENARIOS[mutation.root])
    assert {title for title, passes in found.items() if not passes} == mutation.found_by


@pytest.mark.parametrize(("root", "title"), EVERY)
def test_every_scenario_fails_for_some_mistake(root: str, title: str) -> None:
    found = {name for m in MUTATIONS if m.root == root for name in m.found_by}
    assert title in found


def test_mistakes_have_distinct_names() -> None:
    names = [(m.root, m.mistake) for m in MUTATIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("feature", FEATURES, ids=lambda path: path.stem)
def test_no_scenario_is_skipped_when_its_resource_is_missing(feature: object) -> None:
    text = feature.read_text()  # type: ignore[attr-defined]
    scenarios = len(TITLE.findall(text))
    assert scenarios == len(re.findall(r"^  @noskip\n  Scenario", text, re.MULTILINE)) > 0


def test_scenarios_have_distinct_titles() -> None:
    assert len(EVERY) == len(set(EVERY))
