"""The own client's signatures are botocore's."""

from datetime import UTC, datetime
from unittest.mock import patch

from botocore import credentials as botocore
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.dynamodb.environment import DYNAMODB, Credentials, Target
from core.adapters.dynamodb.parameters import SSM
from core.adapters.dynamodb.signing import signed

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
NAMES = st.from_regex(r"x-amz-[a-z]{1,8}", fullmatch=True)
TARGETS = st.builds(
    Target,
    region=TEXT,
    is_secure=st.booleans(),
    host=st.from_regex(r"[a-z0-9-]{1,10}(\.[a-z0-9-]{1,10}){0,3}", fullmatch=True)
    | st.ip_addresses().map(str),
    port=st.none() | st.sampled_from([80, 443]) | st.integers(1, 65_535),
)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    TARGETS,
    st.dictionaries(NAMES, TEXT, max_size=4),
    st.binary(max_size=200),
    st.builds(Credentials, VISIBLE, TEXT, st.none() | VISIBLE),
    TIMES,
    st.sampled_from([DYNAMODB.name, SSM.name]),
)
def test_a_signed_request_is_the_one_that_botocore_signs(
    target: Target,
    headers: dict[str, str],
    body: bytes,
    credentials: Credentials,
    now: datetime,
    service: str,
) -> None:
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port is None else f":{target.port}"
    url = f"http{'s' if target.is_secure else ''}://{host}{port}/"
    expected = AWSRequest("POST", url, headers, body)
    known = botocore.Credentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
    with patch("botocore.auth.get_current_datetime", lambda: now):
        SigV4Auth(known, service, target.region).add_auth(expected)
    all_headers = {**headers, "host": target.authority}
    found = signed(all_headers, body, target.region, credentials, now, service)
    del found["host"]  # botocore leaves it to its HTTP client
    assert found == {name.lower(): value for name, value in expected.headers.items()}
