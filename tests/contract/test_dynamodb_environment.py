"""What AWS's own environment asks for: the own client does it as boto3, or leaves it to boto3."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.endpoint_provider import EndpointProvider

from core.adapters.dynamodb.client import DynamoDb, NoCredentials
from core.adapters.dynamodb.connecting import by_either, by_own_client
from core.adapters.dynamodb.environment import (
    CERTIFICATES,
    DYNAMODB,
    UNSUPPORTED,
    Credentials,
    Service,
    Target,
    Unsupported,
    credentials_of,
    target_of,
)
from core.adapters.dynamodb.parameters import SSM
from core.ports.errors import StoreUnavailable

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
PLAIN = {**KEYS, "AWS_REGION": "eu-central-1", "HOME": "/nowhere"}

OF_NO_EFFECT = {
    *("AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_DEFAULTS_MODE"),  # both clients have their own
    "BOTOCORE_TCP_KEEPALIVE",  # the same
    *("AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS"),  # other credentials
    *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
    *("AWS_EC2_METADATA_V1_DISABLED", "AWS_IMDS_USE_IPV6", "AWS_STS_REGIONAL_ENDPOINTS"),
    *("AWS_CSM_HOST", "AWS_CSM_PORT", "AWS_CSM_CLIENT_ID"),  # only with AWS_CSM_ENABLED
    *("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "AWS_DISABLE_REQUEST_COMPRESSION"),  # of others
    *("AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION"),
    *("AWS_DISABLE_HOST_PREFIX_INJECTION", "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH"),
    "AWS_SDK_UA_APP_ID",  # the User-Agent
}
HEEDED = {"AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}


def test_every_variable_of_botocore_is_heeded_left_to_boto3_or_without_effect() -> None:
    known = set()
    for _, names, *_ in BOTOCORE_DEFAUT_SESSION_VARIABLES.values():
        known |= set(names if isinstance(names, list) else [names])
    assert known - {None} - UNSUPPORTED - CERTIFICATES <= HEEDED | OF_NO_EFFECT


# --- where ----------------------------------------------------------------------------------------


@cache
def rules(service: str) -> EndpointProvider:
    loader = botocore.session.Session().get_component("data_loader")
    return EndpointProvider(
        loader.load_service_model(service, "endpoint-rule-set-1"), loader.load_data("partitions")
    )


def regions() -> list[str]:
    session = botocore.session.Session()
    partitions = session.get_available_partitions()
    return [r for p in partitions for r in session.get_available_regions("dynamodb", p)]


@pytest.mark.parametrize("service", [DYNAMODB, SSM])
def test_a_region_is_where_it_is_for_boto3_or_left_to_it(service: Service) -> None:
    left, found = set(), rules(service.name)
    for region in regions():
        expected = found.resolve_endpoint(Region=region, UseFIPS=False, UseDualStack=False).url
        try:
            target = target_of({**PLAIN, "AWS_REGION": region}, service=service)
        except Unsupported:
            left.add(region.split("-")[1])
            continue
        assert f"https://{target.authority}" == expected
    assert {*left} <= {"iso", "isob", "isoe", "isof", "de"}


def test_the_regions_of_lambda_and_of_boto3_are_read_as_boto3_does() -> None:
    both = {**PLAIN, "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}
    assert target_of(both).region == "us-east-1"
    assert target_of(both).authority == "dynamodb.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("endpoint", "target"),
    [
        ("http://127.0.0.1:8003", Target("eu-central-1", False, "127.0.0.1", 8003)),
        ("http://[::1]:8003/", Target("eu-central-1", False, "::1", 8003)),
        ("https://dynamodb.internal", Target("eu-central-1", True, "dynamodb.internal", None)),
        ("HTTPS://DynamoDB.internal:443", Target("eu-central-1", True, "dynamodb.internal", 443)),
    ],
)
def test_an_endpoint_is_spoken_to(endpoint: str, target: Target) -> None:
    assert target_of(PLAIN, endpoint) == target


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1/path",
        "http://x?y",
        "http://x#y",
        "http://x:99999",
        "http://[x",
        "http://user:password@x",
        "ftp://x",
        "http://ü.example",
    ],
)
def test_any_other_endpoint_is_left_to_boto3(endpoint: str) -> None:
    with pytest.raises(Unsupported, match="the endpoint's URL"):
        target_of(PLAIN, endpoint)


@pytest.mark.parametrize("region", ["", "local", "us-iso-east-1", "eu-central-1.evil.example/"])
def test_any_other_region_is_left_to_boto3(region: str) -> None:
    with pytest.raises(Unsupported, match="region"):
        target_of({**PLAIN, "AWS_REGION": region})


@pytest.mark.parametrize("name", sorted(UNSUPPORTED | CERTIFICATES))
def test_a_variable_that_only_boto3_heeds_leaves_it_to_boto3(name: str) -> None:
    with pytest.raises(Unsupported, match=f"{name} is set"):
        target_of({**PLAIN, name: "x"})
    target_of({**PLAIN, name: ""})


@pytest.mark.parametrize("name", sorted(CERTIFICATES))
def test_without_tls_certificates_do_not_matter(name: str) -> None:
    assert target_of({**PLAIN, name: "x"}, "http://127.0.0.1:1").host == "127.0.0.1"


def test_an_endpoint_of_ours_goes_before_that_of_the_service_and_that_before_one_of_all() -> None:
    environment = {**PLAIN, "AWS_ENDPOINT_URL": "http://all"}
    assert target_of(environment).host == "all"
    environment["AWS_ENDPOINT_URL_DYNAMODB"] = "http://service"
    assert target_of(environment).host == "service"
    assert target_of(environment, "http://ours").host == "ours"


@pytest.mark.parametrize("name", ["config", "credentials"])
def test_a_file_of_aws_leaves_it_to_boto3(tmp_path: Path, name: str) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / name).touch()
    with pytest.raises(Unsupported, match=f"there is .*/.aws/{name}"):
        target_of({**PLAIN, "HOME": str(tmp_path)})


@pytest.mark.parametrize("name", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_a_file_that_is_named_leaves_it_to_boto3(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unsupported, match="there is"):
        target_of({**PLAIN, "HOME": str(tmp_path), name: "~/file"})
    target_of({**PLAIN, name: str(tmp_path / "none")})


# --- who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "token"),
    [
        ({}, None),
        ({"AWS_SESSION_TOKEN": "session"}, "session"),
        ({"AWS_SESSION_TOKEN": ""}, None),
        ({"AWS_SESSION_TOKEN": "session", "AWS_SECURITY_TOKEN": "older"}, "older"),
    ],
)
def test_credentials_are_those_that_boto3_takes(
    more: Mapping[str, str], token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**KEYS, **more}.items():
        monkeypatch.setenv(name, value)
    theirs = botocore.session.Session().get_credentials()
    assert theirs is not None
    assert credentials_of({**KEYS, **more}) == Credentials("key", "secret", token)
    assert (theirs.access_key, theirs.secret_key, theirs.token) == ("key", "secret", token)


@pytest.mark.parametrize(
    "wrong",
    [
        {"AWS_ACCESS_KEY_ID": ""},
        {"AWS_SECRET_ACCESS_KEY": ""},
        {"AWS_ACCESS_KEY_ID": "key\n"},
        {"AWS_SESSION_TOKEN": "to ken"},
    ],
)
def test_what_cannot_sign_is_no_credentials(wrong: Mapping[str, str]) -> None:
    with pytest.raises(NoCredentials):
        credentials_of({**KEYS, **wrong})


def test_credentials_do_not_show_their_secrets() -> None:
    assert "hidden" not in repr(Credentials("key", "hidden", "hidden"))


# --- the choice -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({**PLAIN, "AWS_PROFILE": "x"}, "AWS_PROFILE is set"),
        ({"AWS_REGION": "eu-central-1"}, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"),
    ],
)
def test_where_the_own_client_will_not_do_boto3_is_used_and_why_is_said(
    environment: Mapping[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = DynamoDb(lambda _, parameters: parameters)
    monkeypatch.setattr("core.adapters.dynamodb.connecting.by_boto3", lambda _: theirs)
    reasons: list[str] = []
    assert by_either(environment, None, reasons.append) is theirs
    assert reasons == [reason]


def test_where_the_own_client_will_do_nothing_is_said() -> None:
    reasons: list[str] = []
    by_either(PLAIN, None, reasons.append)
    assert reasons == []


def test_the_own_client_alone_is_unavailable_where_it_will_not_do() -> None:
    with pytest.raises(StoreUnavailable, match=r"AWS_PROFILE is set: .*DYNAMODB_CLIENT=boto3"):
        by_own_client({**PLAIN, "AWS_PROFILE": "x"}, None)
    with pytest.raises(StoreUnavailable, match="set AWS_REGION"):
        by_own_client({**KEYS}, None)
