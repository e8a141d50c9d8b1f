"""Which token ``make smoke`` uses, what it sends, and how it exits."""

from collections.abc import Iterator

import pytest

from apps.local.http_messages import Request, Response, handled_as_messages
from apps.smoke import __main__ as program
from apps.smoke.api import Unreachable, sender
from tests.support.identity import running_identity
from tests.support.serving import served

AWAY = "https://api.example"
CLIENT = {"CLIENT_ID": "id", "CLIENT_SECRET": "s3cret", "JWT_ISSUER": "https://issuer.example/"}


def test_without_settings_it_checks_make_run_with_a_token_that_anybody_gets() -> None:
    options = program.read_options({"URL": "", "TOKEN": ""})
    assert (options.url, options.issuer) == ("http://127.0.0.1:8004", "http://127.0.0.1:8002")


def test_the_gateway_s_port_is_that_of_make_run() -> None:
    assert program.read_options({"GATEWAY_PORT": "9"}).url == "http://127.0.0.1:9"


@pytest.mark.parametrize("missing", CLIENT)
def test_an_api_elsewhere_needs_a_token(missing: str) -> None:
    with pytest.raises(ValueError, match=r"^no token for https://api.example: set TOKEN"):
        program.read_options({**CLIENT, missing: "", "URL": AWAY})


@pytest.mark.parametrize("given", [{"TOKEN": "t"}, CLIENT, {"PUBLIC": "1"}])
def test_an_api_elsewhere_accepts_a_token_a_client_or_neither(given: dict[str, str]) -> None:
    assert program.read_options({**given, "URL": AWAY}).url == AWAY


def test_a_token_is_not_sent_in_clear_over_the_network() -> None:
    with pytest.raises(ValueError, match="must be an https URL"):
        program.read_options({"URL": "http://api.example", "TOKEN": "t"})


@pytest.mark.parametrize("times", ["0", "1001", "-1", "ten"])
def test_the_number_of_times_is_checked(times: str) -> None:
    with pytest.raises(ValueError, match=r"^TIMES must be 1 to 1000, not "):
        program.read_options({"TIMES": times})


def test_all_is_checked_as_often_as_asked_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "check_in_public", lambda _: iter(["checked"]))
    options = program.read_options({"URL": url, "PUBLIC": "1", "TIMES": "3"})
    assert list(program.checks(options)) == ["checked"] * 3


def test_the_secret_and_the_scopes_are_sent_to_the_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def fetch_token(issuer: str, scope: str, **more: object) -> str:
        asked.update(more, issuer=issuer, scope=scope)
        return "token"

    monkeypatch.setattr(program, "fetch_token", fetch_token)
    assert program._token(program.read_options({**CLIENT, "URL": AWAY})) == "token"
    assert (asked["client_id"], asked["client_secret"]) == ("id", "s3cret")
    assert asked["scope"] == program.SCOPES


@pytest.fixture
def url() -> Iterator[str]:
    """Serve something that is not the API."""

    def respond(request: Request) -> Response:
        return Response(302 if request.target == "/away" else 200, [("Location", "/x")], b"{}")

    with served(handled_as_messages(respond)) as url:
        yield url


def test_the_exit_status_and_one_line_report_a_failure(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"URL": url, "PUBLIC": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 1
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [shown.err.strip()]
    assert shown.err.startswith("smoke: POST /v1/")


def test_no_token_is_reported_before_anything_is_written(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_identity() as identity:
        issuer = identity.issuer
    for name, value in {"URL": url, "JWT_ISSUER": issuer, "TOKEN": "", "PUBLIC": ""}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        program.main()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Is the identity provider running?" in shown.err


def test_a_redirect_is_a_response_and_not_followed(url: str) -> None:
    assert sender(url)("GET", "/away", {}, None).status == 302


def test_no_server_is_no_response() -> None:
    with pytest.raises(Unreachable, match=r"GET http://127.0.0.1:1/x: no response"):
        sender("http://127.0.0.1:1")("GET", "/x", {}, None)
