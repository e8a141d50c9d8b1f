"""ACTOR: what the log keeps of callers, through the services and ``make erase-actor``."""

from collections.abc import Callable

import pytest

from apps import erase_actor
from core.bootstrap import commands, process, stores
from core.ports.errors import StoreUnavailable
from tests.support.api import Api
from tests.support.example import EMMA
from tests.support.gateway import ANN, BOB, ISSUER
from tests.support.raw_server import Act, RawServer, always, raw_server, response

KEY = "0123456789abcdef" * 4
PSEUDONYM = "hmac:"
PARAMETER = response({"Parameter": {"Name": "/books/actor-key", "Value": KEY, "Version": 1}})

Set = Callable[..., None]


@pytest.fixture
def put(api: Api, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Return what sets variables of both services, as a new deployment does."""

    def put(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name)
            else:
                monkeypatch.setenv(name, value)
        for cached in (process.settings, commands.handler, commands.actor_key):
            cached.cache_clear()

    return put


def actors(api: Api, book_id: str) -> list[str]:
    return [event["actor"] for event in api.history(book_id).json["items"]]


@pytest.mark.parametrize(
    ("kept", "beginning"),
    [("", "ann"), ("subject", "ann"), ("digest", PSEUDONYM), ("none", "(none)")],
)
def test_the_history_has_of_a_caller_what_was_chosen(
    api: Api, put: Set, kept: str, beginning: str
) -> None:
    put(ACTOR=kept, ACTOR_KEY=KEY)
    [actor] = actors(api, api.added())
    assert actor.startswith(beginning)
    assert ("ann" in actor) == (beginning == "ann")


def test_a_key_replays_after_another_choice(api: Api, put: Set) -> None:
    key = {"Idempotency-Key": "key-1"}
    first = api.add(EMMA, key)
    put(ACTOR="digest", ACTOR_KEY=KEY)
    again, of_bob = api.add(EMMA, key), api.add(EMMA, key, BOB)
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")
    assert of_bob.json["id"] != first.json["id"]


# --- the key in the parameter store ---------------------------------------------------------------


def ask_parameter_store(put: Set, server: RawServer) -> None:
    put(
        ACTOR="digest",
        ACTOR_KEY_PARAMETER="/books/actor-key",
        AWS_ENDPOINT_URL_SSM=server.url,
        AWS_ACCESS_KEY_ID="key",
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_DEFAULT_REGION="eu-central-1",
    )


def test_the_key_is_read_once_from_the_parameter_store(api: Api, put: Set) -> None:
    with raw_server(always(PARAMETER)) as server:
        ask_parameter_store(put, server)
        first, second = api.added(), api.added()
    put(ACTOR_KEY=KEY)

    assert actors(api, first) == actors(api, second) == actors(api, api.added())
    [asked] = server.requests
    assert asked.content == {"Name": "/books/actor-key", "WithDecryption": True}
    assert asked.headers["x-amz-target"] == "AmazonSSM.GetParameter"
    assert asked.headers["content-type"] == "application/x-amz-json-1.1"
    assert "/eu-central-1/ssm/aws4_request" in asked.headers["authorization"]


@pytest.mark.parametrize(
    "act",
    [
        always(response({"__type": "ParameterNotFound"}, 400)),
        always(response({"__type": "AccessDeniedException", "message": "no"}, 400)),
        always(response({"Parameter": {"Value": "short"}})),
        always(response({"Parameter": None})),
        always(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nno JSON"),
    ],
)
def test_without_the_key_nothing_is_written_and_the_next_request_asks_again(
    api: Api, put: Set, act: Act
) -> None:
    with raw_server(act) as server:
        ask_parameter_store(put, server)
        refused = api.add()
        assert (refused.status, "retry-after" in refused.headers) == (503, True)
        with pytest.raises(StoreUnavailable, match="parameter /books/actor-key: "):
            commands.handler()
    assert list(stores.event_store().read_all()) == []


def test_where_the_own_client_will_not_do_boto3_reads_the_key(put: Set) -> None:
    with raw_server(always(PARAMETER)) as server:
        ask_parameter_store(put, server)
        put(AWS_CSM_ENABLED="false")
        assert commands.actor_key() == KEY.encode()


# --- make erase-actor -----------------------------------------------------------------------------


def test_a_person_is_forgotten_as_subject_and_as_pseudonym(
    api: Api, put: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    book = api.added()
    put(ACTOR="digest", ACTOR_KEY=KEY)
    api.revise(book, {"title": "E"})
    api.revise(book, {"title": "F"}, caller=BOB)
    kept = actors(api, book)[2]
    capsys.readouterr()

    put(SUBJECT=ANN.subject, ISSUER=ISSUER)
    erase_actor.main()

    assert actors(api, book) == ["(erased)", "(erased)", kept]
    assert capsys.readouterr().out == "3 read, 2 changed\nEvents whose actor was erased: 2.\n"
    api.project()
    assert api.titles() == ["F"]


def test_without_a_key_it_says_that_pseudonyms_were_not_looked_for(
    api: Api, put: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    put(SUBJECT="nobody")
    erase_actor.main()
    assert capsys.readouterr().out.splitlines()[-1] == erase_actor.NO_KEY


@pytest.mark.parametrize(
    ("variables", "reported"),
    [
        ({}, "SUBJECT must be"),
        ({"SUBJECT": "ann", "ACTOR": "digest"}, "ACTOR=digest needs ACTOR_KEY"),
        ({"SUBJECT": "ann", "ACTOR_KEY": KEY, "JWT_ISSUER": None}, "r: ISSUER must be"),
        ({"SUBJECT": "ann", "STORE": "sqlite", "SQLITE_PATH": "/dev/null/b.db"}, "Run it again"),
    ],
)
def test_what_is_missing_is_reported_in_one_line(
    put: Set, variables: dict[str, str | None], reported: str
) -> None:
    put(**variables)
    with pytest.raises(SystemExit, match=reported) as ended:
        erase_actor.main()
    assert "\n" not in str(ended.value)
