"""A problem is one line for people, and its parts for programs."""

from __future__ import annotations

import pytest

from chalice_terraform.merging.model import MergeError, Problem, Problems, in_app, in_apps

ROUTE = in_app("shop", "GET /items")


def test_a_problem_has_a_place_a_reason_and_a_remedy() -> None:
    problem = Problem(ROUTE, "it has two authorizers; remove one")
    assert (problem.where.apps, problem.where.thing) == (("shop",), "GET /items")
    assert (problem.reason, problem.remedy) == ("it has two authorizers", "remove one")
    assert str(problem) == "app shop: GET /items: it has two authorizers; remove one"


def test_a_reason_may_quote_a_semicolon_of_the_app() -> None:
    problem = Problem(ROUTE, "its name a; b is not valid; change it")
    assert (problem.reason, problem.remedy) == ("its name a; b is not valid", "change it")


def test_a_reason_may_say_the_remedy() -> None:
    problem = Problem(ROUTE, "use lowercase letters")
    assert (problem.reason, problem.remedy) == ("use lowercase letters", "")


def test_the_drop_that_accepts_a_problem_is_at_the_end_of_its_line() -> None:
    problem = Problem(ROUTE, "no API keys; add an authorizer", "api-key")
    assert str(problem).endswith("no API keys; add an authorizer; or --allow-drop api-key")
    assert problem.as_loss == "dropped (api-key): app shop: GET /items: no API keys"


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (in_apps("b", "a", "b"), "apps a and b"),
        (in_apps("a"), "app a"),
        (in_app("a", "GET /"), "app a: GET /"),
    ],
)
def test_a_place_names_its_apps(where: object, text: str) -> None:
    assert str(where) == text


def test_an_option_is_a_place_without_apps() -> None:
    problems = Problems()
    problems.add("--audience pool", "no app has it")
    with pytest.raises(MergeError) as raised:
        problems.raise_if_any()
    (problem,) = raised.value.problems
    assert (problem.where.apps, problem.where.thing) == ((), "--audience pool")
    assert str(problem) == str(raised.value) == "--audience pool: no app has it"


def test_problems_are_sorted_and_said_once() -> None:
    problems = Problems()
    for name in ("b", "a", "b"):
        problems.add(in_apps(name), "wrong")
    with pytest.raises(MergeError) as raised:
        problems.raise_if_any()
    assert str(raised.value) == "app a: wrong\napp b: wrong"
