"""The files of a page: their types, how they are validated, and that no others are served."""

from pathlib import Path

import pytest

from apps.local.http_messages import Request, Response
from apps.local.static_files import static_response

FILES = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "modules/app.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a secret beside it, and with a file of no type."""
    pages = tmp_path / "pages"
    (pages / "modules").mkdir(parents=True)
    for name in FILES:
        (pages / name).write_text(f"this is {name}")
    (pages / "notes").write_text("no type")
    (pages / "folder.js").mkdir()
    (tmp_path / "secret.html").write_text("secret")
    return pages


def get(folder: Path, path: str, method: str = "GET", **headers: str) -> Response | None:
    return static_response(folder, Request(method, path, headers))


def found(folder: Path, path: str) -> tuple[Response, dict[str, str]]:
    response = get(folder, path)
    assert response is not None
    return response, dict(response.headers)


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_its_type_and_is_revalidated(folder: Path, name: str) -> None:
    response, headers = found(folder, f"/{name}?v=1")

    assert (response.status, response.body) == (200, f"this is {name}".encode())
    assert headers["Content-Type"] == FILES[name]
    assert headers["Cache-Control"] == "no-cache"


def test_the_root_is_the_index(folder: Path) -> None:
    assert get(folder, "/") == get(folder, "/index.html")


@pytest.mark.parametrize("as_sent", ["{}", "W/{}", '"other", {}'])
def test_a_file_that_a_client_has_is_not_sent_again(folder: Path, as_sent: str) -> None:
    etag = found(folder, "/")[1]["ETag"]

    assert get(folder, "/", **{"if-none-match": as_sent.format(etag)}) == Response(
        304, [("ETag", etag), ("Cache-Control", "no-cache")]
    )


def test_a_file_that_is_edited_is_another(folder: Path) -> None:
    before = found(folder, "/")[1]["ETag"]
    (folder / "index.html").write_text("edited")

    assert found(folder, "/")[1]["ETag"] != before
    assert get(folder, "/", **{"if-none-match": before}) == get(folder, "/")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/modules/../../secret.html",
        "/%2e%2e/secret.html",
        "/..%2fsecret.html",
        "//secret.html",
        "/modules/../index.html",
        "/modules",
        "/modules/",
        "/folder.js",
        "/notes",
        "/missing.html",
        "",
        "*",
        "http://127.0.0.1/index.html",
    ],
)
def test_there_is_nothing_at_other_paths(folder: Path, path: str) -> None:
    assert get(folder, path) is None


def test_the_absolute_path_of_a_file_is_no_path_here(folder: Path) -> None:
    assert get(folder, str(folder.parent / "secret.html")) is None
    assert get(folder, f"/{folder / 'index.html'}") is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_files_are_for_reading(folder: Path, method: str) -> None:
    assert get(folder, "/", method) is None


def test_there_is_no_file_without_a_folder(tmp_path: Path) -> None:
    assert get(tmp_path / "missing", "/") is None
