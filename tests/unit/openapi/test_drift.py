"""The committed document is the one that the services describe."""

from apps.openapi.__main__ import written
from core.config import OPENAPI_DOCUMENT


def test_the_committed_document_is_the_generated_one() -> None:
    assert OPENAPI_DOCUMENT.read_text() == written(), (
        f"{OPENAPI_DOCUMENT.name} is not what the services describe: run make openapi"
    )
