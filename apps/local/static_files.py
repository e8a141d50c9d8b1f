"""The files of a web page, read at each request: what is edited is seen when the page reloads."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from apps.local.http_messages import Request, Response

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def static_response(folder: Path, request: Request) -> Response | None:
    """Return the response to a GET or HEAD of a file in ``folder``; None if there is no such file.

    ``/`` is index.html. A path is looked up among those of the files that there are, so none leads
    out of the folder.
    """
    file = _files(folder).get("/index.html" if request.path == "/" else request.path)
    if file is None or request.method not in {"GET", "HEAD"}:
        return None
    body = file.read_bytes()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    validators = [("ETag", etag), ("Cache-Control", "no-cache")]
    if etag in _etags(request.headers.get("if-none-match", "")):
        return Response(304, validators)
    return Response(200, [("Content-Type", _TYPES[file.suffix]), *validators], body)


def _files(folder: Path) -> Mapping[str, Path]:
    found = (file for file in folder.rglob("*") if file.suffix in _TYPES and file.is_file())
    return {f"/{file.relative_to(folder).as_posix()}": file for file in found}


def _etags(if_none_match: str) -> list[str]:
    return [etag.strip().removeprefix("W/") for etag in if_none_match.split(",")]
