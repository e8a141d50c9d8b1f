"""An import that an earlier version made, repeated by this one, adds nothing twice."""

import pytest

from apps.importer.cleaning import encode_book, idempotency_key
from apps.importer.rows import BookFile
from tests.fixtures.stores.recording import FOLDER, read_recording, recordings


def requests_for(name: str) -> set[tuple[str, str]]:
    """Return the Idempotency-Keys and the bodies that an earlier version sent."""
    exchanges = read_recording(name).exchanges
    keyed = {(e.headers["Idempotency-Key"], e.body or "") for e in exchanges}
    return {(key, body) for key, body in keyed if key.startswith("import-")}


@pytest.mark.parametrize("name", recordings())
def test_the_same_file_makes_the_same_requests(name: str) -> None:
    with BookFile(FOLDER / "books.csv") as rows:
        bodies = [encode_book(row.content) for row in rows if isinstance(row.content, dict)]
    requests = {(idempotency_key(body), body.decode()) for body in bodies}

    assert requests_for(name)
    assert requests_for(name) <= requests
