"""Where DynamoDB is and who asks it, as far as variables of AWS's own say so.

A client that is not boto3's must not pass over what boto3 would heed. So whatever is asked for
beyond a region, an endpoint and credentials is Unsupported here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from core.adapters.dynamodb.client import NoCredentials

_DOMAINS: Final = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-[0-9]+"), "amazonaws.com"),
    (re.compile(r"us-gov-[a-z]+-[0-9]+"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-[0-9]+"), "amazonaws.com.cn"),
)
"""The domains of AWS's partitions that are open to the public, by the names of their regions."""

_HOST = re.compile(r"[a-z0-9.:_-]+")
_HEADER = re.compile(r"[!-~]+")

CERTIFICATES: Final = frozenset({"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"})
"""Matter where there is TLS."""

UNSUPPORTED: Final = frozenset(
    {
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_AUTH_SCHEME_PREFERENCE",
        "AWS_CSM_ENABLED",
        "AWS_DATA_PATH",
        "AWS_DEFAULT_PROFILE",
        "AWS_ENDPOINT_DISCOVERY_ENABLED",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_PROFILE",
        "AWS_SIGV4A_SIGNING_REGION_SET",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
        *("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"),
        *("all_proxy", "http_proxy", "https_proxy"),
    }
)
"""Would change what boto3 does for DynamoDB."""

_FILES: Final = {
    "AWS_CONFIG_FILE": ".aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials",
}
"""May say anything. By the variable that names another than the one in the home folder."""


class Unsupported(Exception):
    """The environment asks for what is left to boto3. ``str()`` says for what."""


class Service(NamedTuple):
    """One of AWS's services that speak JSON over HTTP, as DynamoDB does.

    ``operations`` is what comes before the names of its operations in a request.
    """

    name: str
    operations: str
    content_type: str


DYNAMODB: Final = Service("dynamodb", "DynamoDB_20120810.", "application/x-amz-json-1.0")


class Target(NamedTuple):
    """A DynamoDB, or another service: its region, and the server that requests go to."""

    region: str
    is_secure: bool
    host: str
    port: int | None
    service: Service = DYNAMODB

    @property
    def authority(self) -> str:
        """Return the name of the server as requests have it: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port in {None, 443 if self.is_secure else 80}:
            return host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What requests are signed with."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(repr=False, default=None)


def target_of(
    environment: Mapping[str, str], endpoint: str | None = None, service: Service = DYNAMODB
) -> Target:
    """Return the service at ``endpoint``, or else the one that ``environment`` says.

    Raises Unsupported.
    """
    endpoint = (
        endpoint
        or environment.get(f"AWS_ENDPOINT_URL_{service.name.upper()}")
        or environment.get("AWS_ENDPOINT_URL")
    )
    # boto3 reads the first of the two alone; Lambda sets both.
    region = environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION") or ""
    target = _at(endpoint, region, service) if endpoint else _of_region(region, service)
    unsupported = UNSUPPORTED | CERTIFICATES if target.is_secure else UNSUPPORTED
    if found := sorted(name for name in unsupported if environment.get(name)):
        raise Unsupported(f"{' and '.join(found)} is set")
    if files := [path for path in _files(environment) if path.exists()]:
        raise Unsupported(f"there is {files[0]}")
    return target


def _files(environment: Mapping[str, str]) -> list[Path]:
    home = environment.get("HOME", "/")
    named = (environment.get(name) or f"~/{usual}" for name, usual in _FILES.items())
    return [Path(re.sub("^~/", f"{home}/", path)) for path in named]


def _at(endpoint: str, region: str, service: Service) -> Target:
    if not _HEADER.fullmatch(region):
        raise Unsupported("no region is set")
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port
    except ValueError as error:
        raise Unsupported(f"the endpoint's URL is not one: {error}") from error
    is_server = url.path in {"", "/"} and not url.query + url.fragment and "@" not in url.netloc
    if url.scheme not in {"http", "https"} or not is_server or not _HOST.fullmatch(host):
        raise Unsupported("the endpoint's URL has more than a server")
    return Target(region, url.scheme == "https", host, port, service)


def _of_region(region: str, service: Service) -> Target:
    for names, domain in _DOMAINS:
        if names.fullmatch(region):
            host = f"{service.name}.{region}.{domain}"
            return Target(region, is_secure=True, host=host, port=None, service=service)
    raise Unsupported(f"the region {region!r} is none of those that are open to the public")


def credentials_of(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials in ``environment``. Raises NoCredentials."""
    token = environment.get("AWS_SECURITY_TOKEN") or environment.get("AWS_SESSION_TOKEN") or None
    access_key_id = environment.get("AWS_ACCESS_KEY_ID", "")
    secret_access_key = environment.get("AWS_SECRET_ACCESS_KEY", "")
    if not access_key_id or not secret_access_key:
        raise NoCredentials("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
    if not all(_HEADER.fullmatch(text) for text in (access_key_id, token or "-")):
        raise NoCredentials("AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN is not what AWS gives out")
    return Credentials(access_key_id, secret_access_key, token)
