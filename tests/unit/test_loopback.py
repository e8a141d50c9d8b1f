"""One rule says what this machine is; configuration and tokens both use it."""

import pytest

from core.config import ConfigurationError, read_settings
from core.loopback import is_loopback

LOOPBACK = ["localhost", "127.0.0.1", "127.8.9.10", "::1"]
ELSEWHERE = [None, "", "example.com", "localhost.example.com", "0.0.0.0", "10.0.0.1", "::", "1"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_recognised_by_name_and_by_address(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ELSEWHERE)
def test_nothing_else_is_this_machine(host: str | None) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", LOOPBACK)
def test_an_issuer_on_this_machine_may_be_plain_http(host: str) -> None:
    issuer = f"http://[{host}]:8002" if ":" in host else f"http://{host}:8002"
    assert read_settings({"JWT_ISSUER": issuer}).jwt_issuer == issuer


def test_an_issuer_elsewhere_may_not_be_plain_http() -> None:
    with pytest.raises(ConfigurationError, match="JWT_ISSUER must be an https URL"):
        read_settings({"JWT_ISSUER": "http://10.0.0.1"})
