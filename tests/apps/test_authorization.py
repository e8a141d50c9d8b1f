"""The JwtAuthorizer on a Chalice application: who reaches a view, and what the others are told."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice, IAMAuthorizer, Request, Response
from chalice.config import Config
from chalice.local import create_local_server
from chalice.test import Client

from apps.local.identity import Provider
from apps.local.identity_keys import new_keys
from core.adapters.http.identity.authorizer import JwtAuthorizer
from core.adapters.http.identity.claims import Caller, gateway_claims
from core.adapters.http.identity.middleware import Verifier, caller_of, jwt_middleware
from core.adapters.http.identity.tokens import TokenVerifier
from tests.support.forged_tokens import forged, issue, stranger_to

ISSUER = "https://issuer.test"
AUDIENCE = "books-cqrs"
NOW = 1_700_000_000.0
PROVIDER = Provider(ISSUER, new_keys(), AUDIENCE, clock=lambda: NOW)
FORGED = forged(PROVIDER, stranger_to(PROVIDER))
JWT = JwtAuthorizer("jwt", ISSUER, [AUDIENCE])
UNAUTHORIZED = '{"message":"Unauthorized"}'
FORBIDDEN = '{"message":"Forbidden"}'

# Chalice warns that it enforces nothing locally; the middleware does.
pytestmark = pytest.mark.filterwarnings("ignore:JwtAuthorizer is not a supported:UserWarning")

Event = dict[str, Any]


def fetch(url: str) -> bytes:
    document = PROVIDER.discovery() if url.endswith("configuration") else PROVIDER.key_set()
    return json.dumps(document).encode()


def verifier_for(issuer: str, audience: tuple[str, ...]) -> Verifier:
    return TokenVerifier(issuer, audience, fetch=fetch, clock=lambda: NOW)


def never_asked(issuer: str, audience: tuple[str, ...]) -> Verifier:
    raise AssertionError("a token was verified that API Gateway had verified")


def application(
    verifier_for: Callable[[str, tuple[str, ...]], Verifier] = verifier_for,
    refusals: list[str] | None = None,
) -> Chalice:
    app = Chalice(app_name="books", configure_logs=False)
    log = [] if refusals is None else refusals
    app.register_middleware(jwt_middleware(app.routes, verifier_for, log.append), "http")

    def caller() -> dict[str, Any]:
        assert app.current_request is not None
        found = caller_of(app.current_request)
        return {"subject": found.subject if found else None}

    audit = JWT.with_scopes(["books:audit", "books:admin"])
    app.route("/books", methods=["POST"], authorizer=JWT.with_scopes(["books:write"]))(caller)
    app.route("/public", methods=["GET", "POST"], name="public")(caller)
    app.route("/any", methods=["GET"], authorizer=JWT, name="any")(caller)
    app.route("/one-of/{name}", methods=["GET"], authorizer=audit)(lambda name: caller())
    return app


def event(
    method: str = "POST",
    path: str = "/books",
    headers: dict[str, str] | None = None,
    authorizer: Any = None,
    **more: Any,
) -> Event:
    """AWS, "Create AWS Lambda proxy integrations for HTTP APIs": the sample for format 1.0."""
    return {
        "version": "1.0",
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers or {},
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            "authorizer": authorizer or {"claims": None, "scopes": None},
            "httpMethod": method,
            "identity": {"caller": None, "sourceIp": "192.0.2.1", "user": None},
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": "id=",
            "resourceId": None,
            "resourcePath": path,
            "stage": "$default",
        },
        "pathParameters": {"name": "x"},
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        **more,
    }


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def status_and_body(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["statusCode"], answer["body"]


def checked_by_gateway(form: str, **claims: str) -> dict[str, Any]:
    """What API Gateway writes into `requestContext.authorizer` of each payload format."""
    stated = {"iss": ISSUER, "aud": AUDIENCE, "sub": "gateway-user", "exp": "1700003600", **claims}
    result = {"claims": stated, "scopes": None}
    return {"jwt": result} if form == "2.0" else result


def test_a_token_with_the_scope_reaches_the_view_with_its_caller() -> None:
    answer = application()(event(headers=bearer(issue(PROVIDER))), None)

    assert status_and_body(answer) == (200, '{"subject":"tester"}')


@pytest.mark.parametrize("wrong", FORGED)
def test_a_forged_token_is_answered_with_401_and_the_reason_is_logged(wrong: str) -> None:
    token, reason = FORGED[wrong]
    refusals: list[str] = []

    answer = application(refusals=refusals)(event(headers=bearer(token)), None)

    assert status_and_body(answer) == (401, UNAUTHORIZED)
    assert answer["headers"] == {
        "Content-Type": "application/json",
        "WWW-Authenticate": 'Bearer scope="books:write" error="invalid_token" '
        f'error_description="{reason}"',
    }
    assert refusals == [reason]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": " "}, {"Authorization": "Bearer "}],
    ids=str,
)
def test_a_request_without_a_token_is_answered_with_401(headers: dict[str, str]) -> None:
    answer = application()(event(headers=headers), None)

    assert status_and_body(answer) == (401, UNAUTHORIZED)
    assert answer["headers"]["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("Bearer {}", 200),
        ("bearer {}", 200),
        ("BEARER   {} ", 200),
        ("{}", 200),  # API Gateway: "only the token, or the token prefixed with Bearer"
        ("Bearer Bearer {}", 401),
        ("Basic {}", 401),
        ("Bearer{}", 401),
        ("Bearer {0}, Bearer {0}", 401),
        ("Bearer {0},{0}", 401),
        ("Bearer {0} {0}", 401),
    ],
)
def test_forms_of_the_authorization_header(form: str, status: int) -> None:
    headers = {"Authorization": form.format(issue(PROVIDER))}

    assert application()(event(headers=headers), None)["statusCode"] == status


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "Authorization"])
def test_the_name_of_the_header_has_no_case(name: str) -> None:
    answer = application()(event(headers={name: f"Bearer {issue(PROVIDER)}"}), None)

    assert answer["statusCode"] == 200


def test_two_tokens_in_one_request_are_refused() -> None:
    good, bad = bearer(issue(PROVIDER))["Authorization"], "Bearer x.y.z"
    twice = [
        event(headers={"authorization": bad, "Authorization": good}),
        event(headers={"authorization": good, "Authorization": bad}),
        event(headers=bearer(good), multiValueHeaders={"authorization": [bad, good]}),
        event(headers={"authorization": good}, multiValueHeaders={"Authorization": [bad, good]}),
    ]

    assert [application()(one, None)["statusCode"] for one in twice] == [401] * 4


@pytest.mark.parametrize(
    "scope", ["books:audit", "", "books:write2 xbooks:write", "BOOKS:WRITE", None]
)
def test_a_token_without_the_scope_is_answered_with_403(scope: str | None) -> None:
    answer = application()(event(headers=bearer(issue(PROVIDER, scope=scope))), None)

    assert status_and_body(answer) == (403, FORBIDDEN)
    challenge = answer["headers"]["WWW-Authenticate"]
    assert challenge.startswith('Bearer scope="books:write" error="insufficient_scope" ')


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "books:write"},
        {"scope": "other  books:write"},
        {"scope": None, "scp": "other books:write"},
        {"scope": None, "scp": ["other", "books:write"]},
        {"scope": ["books:write"]},
        {"scope": "other", "scp": ["books:write"]},
    ],
    ids=str,
)
def test_the_scope_may_stand_in_scope_or_scp(claims: dict[str, Any]) -> None:
    answer = application()(event(headers=bearer(issue(PROVIDER, **claims))), None)

    assert answer["statusCode"] == 200


@pytest.mark.parametrize(("scope", "status"), [("books:admin", 200), ("books:write", 403)])
def test_one_of_the_scopes_of_a_route_is_enough(scope: str, status: int) -> None:
    asked = event("GET", "/one-of/{name}", bearer(issue(PROVIDER, scope=scope)))

    assert application()(asked, None)["statusCode"] == status


def test_a_route_without_scopes_takes_any_token_that_holds() -> None:
    asked = event("GET", "/any", bearer(issue(PROVIDER, scope=None)))

    assert application()(asked, None)["statusCode"] == 200


@pytest.mark.parametrize(
    ("claims", "subject"),
    [
        ({}, "tester"),
        ({"sub": None}, "tester"),
        ({"sub": None, "client_id": None, "azp": "app"}, "app"),
    ],
    ids=str,
)
def test_without_sub_the_client_is_the_caller(claims: dict[str, Any], subject: str) -> None:
    answer = application()(event(headers=bearer(issue(PROVIDER, **claims))), None)

    assert status_and_body(answer) == (200, f'{{"subject":"{subject}"}}')


@pytest.mark.parametrize("sub", [None, "", 7])
def test_a_token_that_names_nobody_is_refused(sub: Any) -> None:
    token = issue(PROVIDER, sub=sub, client_id=None)

    assert application()(event(headers=bearer(token)), None)["statusCode"] == 401


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("garbage"), bearer(FORGED["expired"][0])],
    ids=["no token", "garbage", "an expired one"],
)
def test_a_public_route_looks_at_no_token(headers: dict[str, str]) -> None:
    answer = application(never_asked)(event("GET", "/public", headers), None)

    assert status_and_body(answer) == (200, '{"subject":null}')


@pytest.mark.parametrize("form", ["1.0", "2.0"])
def test_what_api_gateway_has_checked_is_taken(form: str) -> None:
    authorizer = checked_by_gateway(form, scope="books:write")

    answer = application(never_asked)(event(authorizer=authorizer), None)

    assert status_and_body(answer) == (200, '{"subject":"gateway-user"}')


@pytest.mark.parametrize("form", ["1.0", "2.0"])
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"scope": "books:audit"}, 403),
        ({}, 403),
        ({"scp": "[books:audit books:write]"}, 200),
        ({"scope": "books:write", "aud": "[other-api books-cqrs]"}, 200),
        ({"scope": "books:write", "aud": "other-api"}, 401),
        ({"scope": "books:write", "aud": "other-api", "client_id": AUDIENCE}, 401),
        ({"scope": "books:write", "iss": "https://other.test"}, 401),
        ({"scope": "books:write", "sub": ""}, 401),
    ],
    ids=str,
)
def test_what_api_gateway_has_checked_must_suit_the_route(
    form: str, claims: dict[str, str], status: int
) -> None:
    asked = event(authorizer=checked_by_gateway(form, **claims))

    assert application(never_asked)(asked, None)["statusCode"] == status


@pytest.mark.parametrize(
    "authorizer",
    [
        {},
        {"claims": None, "scopes": None},
        {"claims": {}, "scopes": ["books:write"]},
        {"jwt": None},
        {
            "jwt": None,
            "claims": {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "scope": "books:write"},
        },
        {"jwt": {}, "claims": {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "scope": "books:write"}},
        {"jwt": {"claims": None, "scopes": None}, "claims": {"iss": ISSUER, "aud": AUDIENCE}},
        {"jwt": {}},
        {"lambda": {"claims": {"iss": ISSUER, "aud": AUDIENCE, "sub": "x"}}},
        {"claims": "text"},
        "text",
        ["claims"],
        None,
    ],
    ids=str,
)
def test_where_api_gateway_has_checked_nothing_the_token_is(authorizer: Any) -> None:
    asked = event(headers=bearer(FORGED["expired"][0]))
    asked["requestContext"]["authorizer"] = authorizer
    missing = event(headers=bearer(FORGED["expired"][0]))
    del missing["requestContext"]["authorizer"]

    assert application()(asked, None)["statusCode"] == 401
    assert application()(missing, None)["statusCode"] == 401


def test_the_sample_events_of_aws_are_read() -> None:
    claims = {"claim1": "value1", "claim2": "value2"}
    format_2 = {"authorizer": {"jwt": {"claims": claims, "scopes": ["scope1", "scope2"]}}}
    format_1 = {"authorizer": {"claims": None, "scopes": None}}

    assert gateway_claims(format_2) == claims
    assert gateway_claims(format_1) is None
    assert gateway_claims({}) is None


def test_what_an_event_carries_as_caller_is_not_the_caller() -> None:
    asked = event("GET", "/public")
    asked["requestContext"]["caller"] = {"issuer": ISSUER, "subject": "root", "scopes": []}

    assert status_and_body(application()(asked, None)) == (200, '{"subject":null}')


CLAIMS = checked_by_gateway("1.0", scope="books:write")
INJECTED = json.dumps({"requestContext": {"authorizer": {**CLAIMS, "jwt": CLAIMS}}, **CLAIMS})


@contextmanager
def chalice_local(app: Chalice) -> Iterator[int]:
    server = create_local_server(app, Config.create(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server.server_close()


def raw_request(port: int, target: str, headers: list[tuple[str, str]], body: str = "") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", target)
    for name, value in [*headers, ("Content-Length", str(len(body))), ("Connection", "close")]:
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    try:
        return connection.getresponse().status
    finally:
        connection.close()


JSON_BODY = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        ("/books", [JSON_BODY], INJECTED),
        ("/books?requestContext[authorizer][claims][sub]=root&authorizer=x", [], ""),
        ("/books?authorizer=" + "%7B%22claims%22%3A%7B%7D%7D", [], ""),
        ("/books", [("requestContext", INJECTED), ("authorizer", INJECTED)], ""),
        ("/books", [("X-Amzn-Request-Context", INJECTED), ("X-Amzn-Authorizer", INJECTED)], ""),
        ("/books", [("caller", "root"), ("X-Caller", "root"), ("X-Forwarded-User", "root")], ""),
        ("/books/", [], ""),
        ("//books", [], ""),
        ("/books#x", [], ""),
        ("/books;x=1", [], ""),
        ("/%62ooks", [], ""),
        ("http://127.0.0.1/books", [], ""),
        ("/books", [("Authorization", "Bearer x.y.z")], ""),
        ("/books", [("X-HTTP-Method-Override", "GET")], ""),
    ],
)
def test_nothing_that_a_client_sends_to_chalice_local_stands_in_for_a_token(
    target: str, headers: list[tuple[str, str]], body: str
) -> None:
    with chalice_local(application()) as port:
        assert raw_request(port, target, headers, body) in (401, 403, 404)


def test_chalice_local_enforces_the_token_in_each_of_its_threads() -> None:
    good = [("Authorization", f"Bearer {issue(PROVIDER)}")]
    with chalice_local(application()) as port:
        statuses = {
            "with": [raw_request(port, "/books", good) for _ in range(3)],
            "without": [raw_request(port, "/books", []) for _ in range(3)],
        }

    assert statuses == {"with": [200] * 3, "without": [401] * 3}


def test_chalices_test_client_gets_the_same_answers() -> None:
    with Client(application()) as client:
        refused = client.http.post("/books")
        allowed = client.http.post("/books", headers=bearer(issue(PROVIDER)))

    assert (refused.status_code, refused.body.decode()) == (401, UNAUTHORIZED)
    assert (allowed.status_code, allowed.json_body) == (200, {"subject": "tester"})


def test_a_method_or_path_without_a_route_is_left_to_chalice() -> None:
    assert application()(event("DELETE", "/books"), None)["statusCode"] == 405


def test_an_authorizer_that_nothing_here_enforces_lets_nobody_in() -> None:
    app = application()
    app.route("/iam", methods=["GET"], authorizer=IAMAuthorizer())(lambda: {"in": True})

    assert app(event("GET", "/iam", bearer(issue(PROVIDER))), None)["statusCode"] == 500


def test_a_request_without_context_of_a_caller_has_none() -> None:
    request = Request(event("GET", "/public"))
    assert caller_of(request) is None
    seen: list[Caller | None] = []

    def view(request: Request) -> Response:
        seen.append(caller_of(request))
        return Response("")

    asked = Request(event(authorizer=checked_by_gateway("2.0", scope="books:write x")))
    jwt_middleware(application().routes, never_asked, print)(asked, view)

    assert seen == [Caller(ISSUER, "gateway-user", frozenset({"books:write", "x"}))]


def test_lists_are_asked_for_where_a_string_would_be_read_letter_by_letter() -> None:
    with pytest.raises(TypeError):
        JwtAuthorizer("jwt", ISSUER, AUDIENCE)
    with pytest.raises(TypeError):
        JWT.with_scopes("books:write")  # type: ignore[arg-type]


def test_with_scopes_leaves_the_original_as_it_is() -> None:
    assert JWT.with_scopes(["a"]).scopes == ["a"]
    assert JWT.scopes == []


PACKAGED = """
from chalice import Chalice
from core.adapters.http.identity.authorizer import JwtAuthorizer
app = Chalice(app_name="small")
jwt = JwtAuthorizer("jwt", "${var.jwt_issuer}", ["${var.jwt_audience}", "second"])
@app.route("/books", methods=["POST"], authorizer=jwt.with_scopes(["books:write"]))
def add(): return {}
@app.route("/history", methods=["GET"], authorizer=jwt.with_scopes(["books:audit", "books:admin"]))
def history(): return {}
@app.route("/books", methods=["GET"])
def listing(): return {}
"""


def test_chalice_package_writes_issuer_audience_and_the_scopes_of_each_route(
    tmp_path: Path,
) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / "app.py").write_text(PACKAGED)
    (tmp_path / "requirements.txt").write_text("")
    config = {"version": "2.0", "app_name": "small", "stages": {"dev": {}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))

    chalice = "import sys; from chalice.cli import main; sys.exit(main())"
    arguments = ["package", "--pkg-format", "terraform", "--stage", "dev", "out"]
    subprocess.run(
        [sys.executable, "-c", chalice, *arguments],
        cwd=tmp_path,
        env={
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PATH": str(Path(sys.executable).parent),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "HOME": str(tmp_path),
        },
        check=True,
        capture_output=True,
    )

    template = json.loads((tmp_path / "out" / "chalice.tf.json").read_text())
    swagger = json.loads(template["locals"]["chalice_api_swagger"])
    scheme = swagger["securityDefinitions"]["jwt"]
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "jwt",
        "jwtConfiguration": {
            "issuer": "${var.jwt_issuer}",
            "audience": ["${var.jwt_audience}", "second"],
        },
        "identitySource": "$request.header.Authorization",
    }
    paths = swagger["paths"]
    assert paths["/books"]["post"]["security"] == [{"jwt": ["books:write"]}]
    assert paths["/history"]["get"]["security"] == [{"jwt": ["books:audit", "books:admin"]}]
    assert "security" not in paths["/books"]["get"]
