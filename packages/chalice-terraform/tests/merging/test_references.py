"""References in Terraform's templates are found and replaced, and nothing else changes."""

from __future__ import annotations

import json
import random
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.merging.expressions import TemplateError, replace_in_template
from chalice_terraform.merging.references import references_in, replace_references
from harness.prerequisites import require_terraform
from harness.random_templates import random_template


def shout(traversal: str) -> str:
    return traversal.upper()


# What Terraform reads, and the same with the references in capitals.
READABLE = [
    ("a.b", "a.b"),
    ("${a.b}", "${A.B}"),
    ("x ${a.b-c.d} y ${data.e.f}", "x ${A.B-C.D} y ${DATA.E.F}"),
    ("$${a.b}", "$${a.b}"),
    ("%%{a.b}", "%%{a.b}"),
    ("$${a.b} ${a.b}", "$${a.b} ${A.B}"),
    ("$a.b %a.b $", "$a.b %a.b $"),
    ("{ } ${a.b} }", "{ } ${A.B} }"),
    ('{"Resource": "${a.b}/*"}', '{"Resource": "${A.B}/*"}'),
    ("${~ a.b ~}", "${~ A.B ~}"),
    ("${\n  a.b\n}", "${\n  A.B\n}"),
    ("${a . b}", "${A.B}"),
    ("${null}${true}${1.5e3}", "${null}${true}${1.5e3}"),
    ('${f("a.b", a.b)}', '${f("a.b", A.B)}'),
    ('${f("x ${a.b} y")}', '${f("x ${A.B} y")}'),
    ('${f("a \\" }", a.b)}', '${f("a \\" }", A.B)}'),
    ("${f(a.b...)}${f()}", "${f(A.B...)}${f()}"),
    ("${provider::aws::f(a.b)}", "${provider::aws::f(A.B)}"),
    ("${a.b[0].c}", "${A.B[0].c}"),
    ("${a.b[*].c}", "${A.B[*].c}"),
    ("${a.b.0.c}", "${A.B.0.c}"),
    ("${a.b.*.c}", "${A.B.*.c}"),
    ('${a.b[c.d]["k"]}', '${A.B[C.D]["k"]}'),
    ("${{ x = a.b }}", "${{ x = A.B }}"),
    ('${{ (c.d) = a.b, "e" : 1 }}', '${{ (C.D) = A.B, "e" : 1 }}'),
    ("${{\n  x = a.b # c.d\n  y = c.d\n}}", "${{\n  x = A.B # c.d\n  y = C.D\n}}"),
    ("${[a.b, [],]}", "${[A.B, [],]}"),
    ("${[for x in a.b : x.c if x.d]}", "${[for x in A.B : x.c if x.d]}"),
    ("${{ for k, v in a.b : k => v... }}", "${{ for k, v in A.B : k => v... }}"),
    ("${a.b ? c.d : -e.f + 1}", "${A.B ? C.D : -E.F + 1}"),
    ("${(a.b) == !c.d && 2 >= 1}", "${(A.B) == !C.D && 2 >= 1}"),
    ("${/* c.d */ a.b}", "${/* c.d */ A.B}"),
    ("%{ if a.b }yes%{ else }no%{ endif }", "%{ if A.B }yes%{ else }no%{ endif }"),
    ("%{ for x in a.b }${x.c}%{ endfor }", "%{ for x in A.B }${x.c}%{ endfor }"),
    ("${path.module}/${terraform.workspace}", "${PATH.MODULE}/${TERRAFORM.WORKSPACE}"),
]


@pytest.mark.parametrize(("template", "expected"), READABLE)
def test_only_references_are_replaced(template: str, expected: str) -> None:
    assert replace_in_template(template, shout) == expected


# What Terraform cannot read, and what the problem says of it.
UNREADABLE = [
    ("${a.b", "has no closing }; add it, or write $${ for the text ${ itself"),
    ("${", "has no closing }"),
    ("${}", "'}' makes it no expression"),
    ('${f("a)}', "a string in it is not closed"),
    ('${f("a\nb")}', "goes over the end of a line"),
    ('${f("\\q")}', "unknown escape"),
    ('${f(\\"a\\")}', 'Chalice writes a " inside ${...} in a policy as \\"; assign the expression'),
    ("${aws:username}", "must be escaped, as IAM's policy variables are; write $${aws:username}"),
    ("arn:${AWS::Partition}", "AWS is no reference"),
    ("${account_id}", "account_id is no reference; refer to var.account_id, local.account_id or"),
    ("${PATH}:/bin", "PATH is no reference"),
    ("${Token[TOKEN.123]}", "it is a token of the AWS CDK, which nothing resolves"),
    ("%{name}", "%{ begins a directive such as %{ if }, and this is none; write %%{ for the text"),
    ("%{ if true }", "%{ if } has no end; add %{ endif }"),
    ("%{ endif }", "%{ begins a directive"),
    ("%{ for in a.b }%{ endfor }", "its for needs: for NAME in VALUE"),
    ("${each.key}", "each means nothing here"),
    ("${count.index}", "count means nothing here"),
    ("${data.x}", "write data.TYPE.NAME"),
    ("${path.home}", "there is no path.home; use path.cwd or path.module or path.root"),
    ("${terraform.version}", "use terraform.applying or terraform.workspace"),
    ("${a.b c.d}", "'c' makes it no expression"),
    ("${a.b[0}", "'}' makes it no expression"),
    ("${f(1}", "'}' makes it no expression"),
    ("${[1 2]}", "'2' makes it no expression"),
    ("${{ a b }}", "a is no reference"),
    ("${a.b ? 1}", "'}' makes it no expression"),
]


@pytest.mark.parametrize(("template", "expected"), UNREADABLE)
def test_a_template_that_terraform_cannot_read_is_an_error_that_says_why(
    template: str, expected: str
) -> None:
    with pytest.raises(TemplateError, match=re.escape(expected)):
        replace_in_template(template, shout)


def test_an_expression_too_deep_for_python_is_an_error() -> None:
    deep = "(" * 10_000
    with pytest.raises(TemplateError, match="nested too deep; assign a part of it to a local"):
        replace_in_template(f"${{{deep}", shout)


def test_the_message_shows_the_text_that_is_wrong() -> None:
    with pytest.raises(TemplateError, match=re.escape("cannot read ${PATH}: ")):
        replace_in_template("${a.b} and ${PATH} and ${c.d}", shout)


def is_readable(template: str) -> bool:
    try:
        replace_in_template(template, shout)
    except TemplateError:
        return False
    return True


# What Terraform says of an expression that it has read: the rest is about values, or about names
# that a hand-written file may declare.
OF_VALUES = (
    *("Attempt to", "Call to unknown function", "Cycle", "Division by zero", "Duplicate object"),
    *(
        "Error in function call",
        "Inconsistent conditional",
        "Incorrect condition",
        "Null condition",
    ),
    *("Invalid expanding", "Invalid function argument", "Invalid index", "Invalid object key"),
    *("Invalid operand", "Invalid template interpolation", "Invalid value for", "Iteration over"),
    *("Missing resource instance key", "No module call", "Not enough function", "Null value"),
    *("Operation failed", "Reference to undeclared", "Self-referencing", "Splat of null"),
    *("Too many function", "Unknown provider function", "Unsupported attribute", "Unsuitable"),
)


def unreadable_for_terraform(templates: list[str], folder: Path) -> set[str]:
    """Return the templates that Terraform cannot read, each as a local value in its own file.

    Terraform stops at the first kind of mistake, so this goes on without what it has reported.
    """
    program = require_terraform()
    files = {f"v{number}.tf.json": template for number, template in enumerate(templates)}
    for name, template in files.items():
        (folder / name).write_text(json.dumps({"locals": {name.split(".")[0]: template}}))
    refused: set[str] = set()
    while True:
        done = subprocess.run(
            [program, "validate", "-json"], cwd=folder, capture_output=True, text=True, check=False
        )
        found: dict[str, list[str]] = {}
        for diagnostic in json.loads(done.stdout)["diagnostics"]:
            name = diagnostic.get("range", {}).get("filename")
            if name:
                found.setdefault(name, []).append(diagnostic["summary"])
        if not found:
            return refused
        for name, summaries in found.items():
            (folder / name).unlink()
            if not all(summary.startswith(OF_VALUES) for summary in summaries):
                refused.add(files[name])


def test_the_merge_reads_what_terraform_reads(tmp_path: Path) -> None:
    chance = random.Random(15)
    templates = [template for template, _ in [*READABLE, *UNREADABLE]]
    templates += [random_template(chance) for _ in range(400)]
    templates = sorted(set(templates))
    ours = {template for template in templates if not is_readable(template)}
    assert ours ^ unreadable_for_terraform(templates, tmp_path) == set()
    assert 100 < len(ours) < 350


def test_keys_and_depends_on_are_replaced_and_numbers_are_not() -> None:
    value = {"${a.b}": [1, None, True, "${c.d}"], "depends_on": ["e.f"]}
    assert replace_references(value, shout) == {
        "${A.B}": [1, None, True, "${C.D}"],
        "depends_on": ["E.F"],
    }
    assert references_in(value) == {"a.b", "c.d", "e.f"}


def test_a_variable_or_tag_named_depends_on_is_text() -> None:
    value = {"tags": {"depends_on": "a.b ${c.d}"}}
    assert replace_references(value, shout) == {"tags": {"depends_on": "a.b ${C.D}"}}


def test_every_unreadable_string_is_reported_with_the_keys_that_lead_to_it() -> None:
    found = []
    value = {"a": [{"b": "${c}"}, "${d.e}"], "f": "%{g}"}
    replaced = replace_references(value, shout, lambda path, _: found.append(path))
    assert found == [("a", "[0]", "b"), ("f",)]
    assert replaced == {"a": [{"b": ""}, "${D.E}"], "f": ""}


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
