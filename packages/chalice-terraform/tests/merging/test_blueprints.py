"""Authorizers in blueprints, whose functions Chalice names differently in two places."""

from __future__ import annotations

import pytest

from chalice_terraform.merging import Options, merge
from harness.packaging import ChaliceApp, Package
from harness.reading import problems, the
from harness.reference_checker import dangling

pytestmark = pytest.mark.xdist_group("merge")

BLUEPRINT = """
from chalice import AuthResponse, Blueprint

blueprint = Blueprint(__name__)

@blueprint.authorizer()
def g(request): return AuthResponse(routes=["*"], principal_id="someone")

@blueprint.route("/{path}", authorizer=g)
def view(): return {{}}
"""


def app(*prefixes: str, unused: str = "") -> ChaliceApp:
    """Return an app with a blueprint for each prefix of names, and other authorizers."""
    files = {
        f"chalicelib/part{number}.py": BLUEPRINT.format(path=f"part{number}")
        for number, _ in enumerate(prefixes)
    }
    code = "".join(
        f"from chalicelib import part{number}\n"
        f"app.register_blueprint(part{number}.blueprint, name_prefix={prefix!r})\n"
        for number, prefix in enumerate(prefixes)
    )
    return ChaliceApp(code + unused, {}, {"chalicelib/__init__.py": "", **files})


def test_an_authorizer_of_a_blueprint_calls_the_function_with_the_prefix(packaged: Package) -> None:
    template = merge([packaged("prefixed", app("bp_"))])
    authorizer = the(template, "aws_apigatewayv2_authorizer", "prefixed_g")
    assert authorizer["authorizer_uri"] == "${aws_lambda_function.prefixed_bp_g.invoke_arn}"
    permission = the(template, "aws_lambda_permission", "prefixed_bp_g_invoke")
    assert permission["source_arn"].endswith(
        "/authorizers/${aws_apigatewayv2_authorizer.prefixed_g.id}"
    )
    assert not dangling(template)


def test_a_kept_rest_api_calls_the_function_with_the_prefix_too(packaged: Package) -> None:
    template = merge([packaged("prefixed", app("bp_"))], Options(api="rest"))
    assert not dangling(template)


def test_authorizers_of_two_blueprints_with_one_name_are_a_problem(packaged: Package) -> None:
    (problem,) = problems(packaged("both", app("a_", "b_")))
    assert problem == (
        "app both: authorizer g: Chalice does not tell whether its function is a_g or b_g; give "
        "the authorizers of blueprints different names"
    )


def test_the_function_of_another_authorizer_is_never_taken(packaged: Package) -> None:
    unused = """
@app.authorizer()
def other_g(request): return AuthResponse(routes=["*"], principal_id="someone")

@app.route("/other", authorizer=other_g)
def other(): return {}
"""
    template = merge([packaged("taken", app("bp_", unused=unused))])
    authorizer = the(template, "aws_apigatewayv2_authorizer", "taken_g")
    assert authorizer["authorizer_uri"] == "${aws_lambda_function.taken_bp_g.invoke_arn}"


def test_a_custom_authorizer_may_call_a_hand_written_function(packaged: Package) -> None:
    code = """
mine = CustomAuthorizer("mine", "${aws_lambda_function.mine.invoke_arn}")

@app.route("/", authorizer=mine)
def view(): return {}
"""
    template = merge([packaged("handwritten", ChaliceApp(code))])
    assert dangling(template) == {"aws_lambda_function.mine"}
