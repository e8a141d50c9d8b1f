"""Problems: each is one line that names the app, the construct and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from chalice_terraform.merging import Options, Source, merge
from chalice_terraform.merging.drops import DROPS
from harness.chalice_apps import FEATURES, JWT_AUTHORIZER, LAYERED, REST_ONLY, TWO_VIEWS, VIEW
from harness.packaging import ChaliceApp, Package
from harness.reading import problems, routes

# One worker packages the apps for all tests.
pytestmark = pytest.mark.xdist_group("merge")

FUNCTION = FEATURES["function"].code
BUCKET = '@app.on_s3_event(bucket="shared")\ndef work(event): pass\n'

DROPPABLE = {
    "api-key": "GET /keyed",
    "authorizer-scopes": "GET /scoped",
    "cors-per-route": "GET /two",
    "identity-validation": "authorizer checked",
    "layers": "aws_lambda_function.work",
    "minimum-compression": "minimum_compression_size",
    "private-endpoint": "api_gateway_endpoint_type PRIVATE",
    "resource-policy": "api_gateway_policy_file",
    "tls-version": "custom domain old.example.com",
}
"""From the name of a drop to the thing that its problem names."""

APPS = {"layers": LAYERED["layers"], **REST_ONLY}


def app_name(drop: str) -> str:
    return drop.replace("-", "")


def test_every_droppable_feature_is_tested() -> None:
    assert set(DROPPABLE) == set(DROPS)


@pytest.mark.parametrize("drop", DROPPABLE)
def test_a_feature_that_http_apis_lack_is_a_problem_with_an_alternative(
    drop: str, packaged: Package
) -> None:
    thing, app = DROPPABLE[drop], APPS[drop]
    (problem,) = problems(packaged(app_name(drop), app), package="image")
    assert problem.startswith(f"app {app_name(drop)}: {thing}: ")
    assert problem.endswith(f"; or --allow-drop {drop}")
    assert "\n" not in problem


@pytest.mark.parametrize("drop", DROPPABLE)
def test_an_allowed_drop_is_recorded_in_the_file(drop: str, packaged: Package) -> None:
    thing, app = DROPPABLE[drop], APPS[drop]
    options = Options(package="image", allow_drop=frozenset({drop}))
    template = merge([packaged(app_name(drop), app)], options)
    (dropped,) = template["//"][2:]
    assert dropped.startswith(f"dropped ({drop}): app {app_name(drop)}: {thing}: ")


def test_an_allowed_drop_that_nothing_needs_is_a_problem(packaged: Package) -> None:
    source = packaged("function", FEATURES["function"])
    (problem,) = problems(source, package="image", allow_drop=frozenset({"layers"}))
    assert problem == "--allow-drop layers: no app uses this feature; remove the option"


def test_a_managed_layer_of_dependencies_is_a_problem_of_an_image(packaged: Package) -> None:
    reported = problems(packaged("managed", LAYERED["managed"]), package="image")
    assert [problem.partition(": ")[0] for problem in reported] == ["app managed"] * len(reported)
    assert any("aws_lambda_layer_version.managed-layer" in problem for problem in reported)
    assert any("automatic_layer" in problem for problem in reported)


def test_all_problems_are_reported_at_once(packaged: Package) -> None:
    sources = [packaged(app_name(drop), APPS[drop]) for drop in ("api-key", "layers")]
    assert len(problems(*sources, package="image")) == 2


def test_a_route_in_two_apps_is_a_problem_that_names_both(packaged: Package) -> None:
    one = packaged("one", ChaliceApp("@app.route('/books/{id}')\ndef view(id): return {}\n"))
    two = packaged("two", ChaliceApp("@app.route('/books/{isbn}')\ndef view(isbn): return {}\n"))
    (problem,) = problems(two, one)
    assert problem.startswith("apps one and two: two routes match the same requests: ")
    assert "GET /books/{id} and GET /books/{isbn}" in problem


def test_any_in_one_app_does_not_conflict_with_a_method_in_another(packaged: Package) -> None:
    one = packaged("oneany", ChaliceApp("@app.route('/x', methods=['ANY'])\ndef v(): return {}\n"))
    two = packaged("twoget", ChaliceApp("@app.route('/x', methods=['GET'])\ndef v(): return {}\n"))
    template = merge([one, two])
    assert [list(routes(template, app)) for app in ("oneany", "twoget")] == [["ANY /x"], ["GET /x"]]


def test_different_cors_is_one_problem_with_every_value_and_the_routes_that_have_it(
    packaged: Package,
) -> None:
    code = TWO_VIEWS.format(
        one="CORSConfig(max_age=1)", two="CORSConfig(max_age=2, allow_origin='https://a.example')"
    )
    code += "@app.route('/three', cors=CORSConfig(max_age=2))\ndef three(): return {}\n"
    (problem,) = problems(packaged("differing", ChaliceApp(code)))
    assert problem == (
        "app differing: CORS differs, and an HTTP API has one configuration for all routes: "
        "Allow-Origin is * (/one, /three) and https://a.example (/two), Max-Age is 1 (/one) and 2 "
        "(/three, /two); give all of them the same CORSConfig, or set app.api.cors"
    )


def test_different_cors_in_two_apps_names_the_apps_and_only_some_of_many_routes(
    packaged: Package,
) -> None:
    views = "".join(
        f"@app.route('/many/{n}', cors=CORSConfig(allow_headers=['X-A']))\n"
        f"def view{n}(): return {{}}\n"
        for n in range(5)
    )
    one = packaged("many", ChaliceApp(views))
    two = packaged("few", ChaliceApp("@app.route('/few', cors=True)\ndef view(): return {}\n"))
    (problem,) = problems(one, two)
    assert problem.startswith("apps few and many: CORS differs")
    assert "X-Api-Key (few /few) and " in problem
    assert "(many /many/0, many /many/1, many /many/2 and 2 more)" in problem


def test_equal_cors_in_another_case_or_order_is_no_problem(packaged: Package) -> None:
    sources = []
    for name, headers, exposed in (
        ("lower", ["x-a", "x-b"], ["etag", "Location"]),
        ("upper", ["X-B", "X-A"], ["location", "ETag"]),
    ):
        cors = f"CORSConfig(allow_headers={headers}, expose_headers={exposed})"
        code = f"@app.route('/{name}', cors={cors})\ndef view(): return {{}}\n"
        sources.append(packaged(f"cors{name}", ChaliceApp(code)))
    cors = merge(sources)["resource"]["aws_apigatewayv2_api"]["api"]["cors_configuration"]
    assert cors["expose_headers"] == ["etag", "Location"]


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        (
            "list",
            "allow_origin='https://a.example,https://b.example'",
            "allow_origin is https://a.example,https://b.example, and browsers reject a list of",
        ),
        ("none", "allow_origin=''", 'allow_origin is ""; name * or an origin such as https://'),
        ("host", "allow_origin='a.example'", 'allow_origin is "a.example"; name * or an origin'),
        ("age", "max_age=86401", "max_age is 86401; give it a number of seconds from -1 to 86400"),
        ("half", "max_age=0.5", "max_age is 0.5; give it a number of seconds from -1 to 86400"),
    ],
)
def test_cors_that_browsers_or_api_gateway_reject_is_a_problem(
    name: str, arguments: str, expected: str, packaged: Package
) -> None:
    cors = f"CORSConfig({arguments})"
    app = ChaliceApp(TWO_VIEWS.format(one=cors, two=cors))
    (problem,) = problems(packaged(f"bad{name}", app))
    assert problem.startswith(f"app bad{name}: /one: {expected}")


def test_cors_with_credentials_for_any_origin_is_a_problem(packaged: Package) -> None:
    cors = "CORSConfig(allow_credentials=True)"
    (problem,) = problems(packaged("anyone", ChaliceApp(TWO_VIEWS.format(one=cors, two=cors))))
    assert problem.startswith(
        "app anyone: /one: browsers reject CORS with credentials for any origin"
    )


def test_a_cognito_authorizer_without_app_clients_is_a_problem(
    feature: Callable[[str], Source],
) -> None:
    reported = problems(feature("cognito"), audiences={"pool": ["client1"]})
    assert [problem.partition(": a JWT")[0] for problem in reported] == [
        "app cognito: authorizer referred"
    ]
    assert "--audience referred=ID" in reported[0]


def test_an_audience_for_an_unknown_authorizer_is_a_problem(
    feature: Callable[[str], Source],
) -> None:
    (problem,) = problems(feature("iam"), audiences={"pol": ["client1"]})
    assert problem.startswith("--audience pol: no app has a Cognito authorizer with this name; ")


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        (["arn:aws:cognito-idp:eu-west-1:1:userpool/a", "${var.b}"], "2 Cognito user pools"),
        (["people"], "people is neither the ARN of a Cognito user pool"),
    ],
)
def test_a_cognito_authorizer_must_have_exactly_one_valid_pool(
    pools: list[str], expected: str, packaged: Package
) -> None:
    code = f"""
pool = CognitoUserPoolAuthorizer("pool", provider_arns={pools!r})

@app.route("/", authorizer=pool)
def view(): return {{}}
"""
    source = packaged(f"pools{len(pools)}", ChaliceApp(code))
    reported = problems(source, audiences={"pool": ["client1"]})
    assert any(expected in problem for problem in reported)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("http", '"http://127.0.0.1:8002", ["books"]', "its issuer is http://127.0.0.1:8002"),
        ("noaudience", '"https://a.example.com/", []', "at least one audience"),
    ],
)
def test_a_jwt_authorizer_that_api_gateway_would_reject_is_a_problem(
    name: str, arguments: str, expected: str, packaged: Package
) -> None:
    code = f"{JWT_AUTHORIZER}\n@app.route('/', authorizer=JWTAuthorizer('jwt', {arguments}))\n"
    reported = problems(packaged(name, ChaliceApp(code + "def view(): return {}\n")))
    assert any(problem.startswith(f"app {name}: authorizer jwt: ") for problem in reported)
    assert any(expected in problem for problem in reported)


def test_one_name_for_two_issuers_is_a_problem_that_names_both_apps(
    feature: Callable[[str], Source],
) -> None:
    one = feature("jwt")
    text = json.dumps(one.template).replace("tenant.example", "other.example")
    two = json.loads(text.replace("app-jwt", "app-other").replace("/jwt", "/other"))
    (problem,) = problems(one, Source("other", two))
    assert problem.startswith("apps jwt and other: both have an authorizer tokens")


def test_an_unset_variable_for_a_user_pool_is_a_problem(packaged: Package) -> None:
    code = """
pool = CognitoUserPoolAuthorizer("pool", provider_arns=[None])

@app.route("/", authorizer=pool)
def view(): return {}
"""
    (problem,) = problems(packaged("nopool", ChaliceApp(code)), audiences={"pool": ["client1"]})
    assert problem == (
        "app nopool: authorizer pool: x-amazon-apigateway-authorizer.providerARNs[0] is null; set "
        "it where you package the app"
    )


def test_an_unset_variable_for_a_bucket_is_a_problem(packaged: Package) -> None:
    code = '@app.on_s3_event(bucket="")\ndef work(event): pass\n'
    (problem,) = problems(packaged("nobucket", ChaliceApp(code)))
    assert problem.startswith("app nobucket: aws_s3_bucket_notification._notify: bucket is empty; ")


def test_a_custom_authorizer_with_an_unknown_function_is_a_problem(packaged: Package) -> None:
    code = "@app.route('/', authorizer=CustomAuthorizer('lost', 'somewhere'))\ndef v(): pass\n"
    (problem,) = problems(packaged("lost", ChaliceApp(code)))
    assert problem.startswith("app lost: authorizer lost: its authorizer_uri somewhere")


def test_a_topic_given_by_a_reference_to_its_arn_is_a_problem(packaged: Package) -> None:
    code = "@app.on_sns_message(topic='${aws_sns_topic.news.arn}')\ndef work(event): pass\n"
    (problem,) = problems(packaged("topic", ChaliceApp(code)))
    assert problem.startswith("app topic: aws_sns_topic_subscription.work-sns-subscription: ")
    assert "give the name" in problem


def test_a_reference_to_something_removed_is_a_problem(packaged: Package) -> None:
    variables = {
        "A": "${data.null_data_source.chalice.inputs.app}",
        "B": "${aws_api_gateway_rest_api.rest_api.root_resource_id}",
    }
    app = ChaliceApp(VIEW.format(name="gone"), {"environment_variables": variables})
    reported = problems(packaged("gone", app))
    assert len(reported) == 2
    for problem in reported:
        assert problem.startswith("app gone: aws_lambda_function.api_handler: ")
        assert "is not in the stack" in problem


@pytest.mark.parametrize(
    ("name", "resource", "expected"),
    [
        ("quoted", '${format("%s", 1)}', 'Chalice writes a " inside ${...} in a policy as \\"'),
        (
            "variable",
            "home/${aws:username}",
            "as IAM's policy variables are; write $${aws:username}",
        ),
    ],
)
def test_a_policy_that_terraform_cannot_parse_is_a_problem(
    name: str, resource: str, expected: str, packaged: Package
) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Resource": resource}]}
    stage = {"autogen_policy": False, "iam_policy_file": "policy.json"}
    app = ChaliceApp(FUNCTION, stage, {".chalice/policy.json": json.dumps(policy)})
    (problem,) = problems(packaged(name, app))
    assert problem.startswith(f"app {name}: aws_iam_role_policy.work_role: policy: ")
    assert expected in problem


def test_a_bucket_in_two_apps_is_a_problem_that_names_both(packaged: Package) -> None:
    sources = [packaged(name, ChaliceApp(BUCKET)) for name in ("first", "second")]
    (problem,) = problems(*sources)
    assert problem.startswith("apps first and second: two aws_s3_bucket_notification resources")


def test_the_same_chalice_app_twice_is_a_problem(feature: Callable[[str], Source]) -> None:
    template = feature("schedule").template
    reported = problems(Source("first", template), Source("second", template))
    assert {problem.split(" resources have ")[0].split()[-1] for problem in reported} == {
        "aws_cloudwatch_event_rule",
        "aws_iam_role",
        "aws_lambda_function",
    }
