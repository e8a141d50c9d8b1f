"""AWS's signature, version 4, for requests to DynamoDB and to services with its protocol.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from core.adapters.dynamodb.environment import Credentials

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(
    headers: Mapping[str, str],
    body: bytes,
    region: str,
    credentials: Credentials,
    now: datetime,
    service: str = "dynamodb",
) -> dict[str, str]:
    """Return the headers of a POST of ``body`` to the path "/", with its signature.

    The names of ``headers`` are in lower case; "host" is among them. ``now`` is in UTC.
    """
    time = now.strftime("%Y%m%dT%H%M%SZ")
    all_headers = {**headers, "x-amz-date": time}
    if credentials.session_token is not None:
        all_headers["x-amz-security-token"] = credentials.session_token
    names = sorted(all_headers)
    request = "\n".join(
        [
            "POST",
            "/",
            "",
            *(f"{name}:{' '.join(all_headers[name].split())}" for name in names),
            "",
            ";".join(names),
            sha256(body).hexdigest(),
        ]
    )
    scope = (time[:8], region, service, "aws4_request")
    signature = _signature(
        "\n".join([_ALGORITHM, time, "/".join(scope), sha256(request.encode()).hexdigest()]),
        scope,
        credentials.secret_access_key,
    )
    authorization = (
        f"{_ALGORITHM} Credential={credentials.access_key_id}/{'/'.join(scope)},"
        f" SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return {**all_headers, "authorization": authorization}


def _signature(text: str, scope: tuple[str, ...], secret: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in (*scope, text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()
