"""References in Terraform's templates are found and replaced, and nothing else changes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.merging.references import (
    TemplateError,
    references_in,
    replace_in_template,
    replace_references,
)


def shout(traversal: str) -> str:
    return traversal.upper()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a.b", "a.b"),
        ("${a.b}", "${A.B}"),
        ("x ${a.b-c.d} y ${data.e.f}", "x ${A.B-C.D} y ${DATA.E.F}"),
        ("$${a.b}", "$${a.b}"),
        ("%%{a.b}", "%%{a.b}"),
        ("$${a.b} ${a.b}", "$${a.b} ${A.B}"),
        ("%{ if a.b }yes%{ endif }", "%{ IF A.B }yes%{ ENDIF }"),
        ('${f("a.b", a.b)}', '${F("a.b", A.B)}'),
        ('${f("x ${a.b} y")}', '${F("x ${A.B} y")}'),
        ('${f("a \\" }", a.b)}', '${F("a \\" }", A.B)}'),
        ("${a.b[0].c}", "${A.B[0].c}"),
        ("${a.b[*].c}", "${A.B[*].c}"),
        ("${{ x = a.b }}", "${{ X = A.B }}"),
        ("{ } ${a.b} }", "{ } ${A.B} }"),
        ('{"Resource": "${a.b}/*"}', '{"Resource": "${A.B}/*"}'),
        ("$a.b %a.b $", "$a.b %a.b $"),
    ],
)
def test_only_traversals_are_replaced(template: str, expected: str) -> None:
    assert replace_in_template(template, shout) == expected


@pytest.mark.parametrize(
    "template", ["${a.b", "${aws:username}", '${f("a)}', '${f(\\"a\\")}', "${", '${"${a}']
)
def test_a_template_that_terraform_cannot_parse_is_an_error(template: str) -> None:
    with pytest.raises(TemplateError):
        replace_in_template(template, shout)


def test_keys_and_depends_on_are_replaced_and_numbers_are_not() -> None:
    value = {"${a.b}": [1, None, True, "${c.d}"], "depends_on": ["e.f"]}
    assert replace_references(value, shout) == {
        "${A.B}": [1, None, True, "${C.D}"],
        "depends_on": ["E.F"],
    }
    assert references_in(value) == {"a.b", "c.d", "e.f"}


_expressions = st.recursive(
    st.sampled_from(["a.b", "data.c.d.e", "1", '"plain"', '"a.b"', "var.x[0].y"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"f({', '.join(items)})"),
        inner.map(lambda item: f'"text ${{{item}}} \\" }} text"'),
        inner.map(lambda item: f"{{ k = {item} }}"),
    ),
    max_leaves=6,
)
_templates = st.lists(
    st.one_of(
        st.text(alphabet='ab{}"\\ .$%').filter(lambda text: not re.search(r"[$%](\{|$)", text)),
        st.sampled_from(["$${", "%%{", "$", "%"]).map(lambda text: text + " "),
        _expressions.map(lambda expression: f"${{{expression}}}"),
    )
).map("".join)


@given(template=_templates)
def test_replacing_each_traversal_with_itself_changes_nothing(template: str) -> None:
    assert replace_in_template(template, lambda traversal: traversal) == template


@given(template=_templates)
def test_replacing_and_restoring_changes_nothing(template: str) -> None:
    there = replace_in_template(template, lambda traversal: f"q_{traversal}")
    back = replace_in_template(there, lambda traversal: traversal.removeprefix("q_"))
    assert back == template
