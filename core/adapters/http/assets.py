"""Files that a page uses, compressed where they are stored so, to be kept by whoever reads them."""

import gzip
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from chalice.app import Request, Response

from core.adapters.http.requests import none_match_has, parameters
from core.adapters.http.responses import empty_response

_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_FOREVER: Final = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    """A file as it is stored: ``content`` is compressed where ``gzipped``."""

    content: bytes
    gzipped: bool
    content_type: str

    @property
    def digest(self) -> str:
        """What tells this content from any other, as the parameter ``v`` of the file's URL."""
        return sha256(self.content).hexdigest()[:16]


def read_asset(path: Path) -> Asset:
    """Return the file at ``path``, which is stored by this name or with ``.gz`` after it."""
    packed = path.with_name(f"{path.name}.gz")
    gzipped = packed.exists()
    return Asset((packed if gzipped else path).read_bytes(), gzipped, _TYPES[path.suffix])


def asset_response(request: Request, asset: Asset) -> Response:
    """Return the response with a file, in the encoding that the client takes.

    At a URL that names the content it never changes; at any other, each use asks again.
    """
    compressed = asset.gzipped and _takes_gzip(request.headers.get("accept-encoding", ""))
    etag = f'"{asset.digest}{"-gzip" if compressed else ""}"'
    named = parameters(request, frozenset({"v"})).get("v") == asset.digest
    headers = {
        "Cache-Control": _FOREVER if named else "no-cache",
        "ETag": etag,
        "Vary": "Accept-Encoding",
    }
    if none_match_has(request, etag):
        return empty_response(304, headers)
    headers |= {"Content-Type": asset.content_type, "X-Content-Type-Options": "nosniff"}
    if compressed:
        return _Octets(asset.content, {**headers, "Content-Encoding": "gzip"})
    content = gzip.decompress(asset.content) if asset.gzipped else asset.content
    return _Octets(content, {**headers})


class _Octets(Response):
    """A response whose body is bytes, whatever its type.

    It inherits, because Chalice asks a response for its form. Chalice's own sends bytes of the
    types in ``app.api.binary_types`` alone, and those to no client whose Accept leaves them out.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002
        """Return the result of a Lambda function, with the body in base64."""
        body = b64encode(self.body).decode()
        return {**super().to_dict(), "body": body, "isBase64Encoded": True}


def _takes_gzip(accepted: str) -> bool:
    """Return whether Accept-Encoding has gzip, by name or by * (RFC 9110, section 12.5.3)."""
    parts = (part.partition(";") for part in accepted.lower().replace(" ", "").split(","))
    weights = {coding: weight.removeprefix("q=") for coding, _, weight in parts}
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != "" or weight == ""
