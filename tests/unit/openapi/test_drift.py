"""The committed document is the one that the services describe."""

from apps.openapi.__main__ import generated, generated_messages, written
from core.config import ASYNCAPI_DOCUMENT, OPENAPI_DOCUMENT


def test_the_committed_document_is_the_generated_one() -> None:
    assert OPENAPI_DOCUMENT.read_text() == written(generated()), (
        f"{OPENAPI_DOCUMENT.name} is not what the services describe: run make openapi"
    )


def test_the_committed_document_of_the_messages_is_the_generated_one() -> None:
    assert ASYNCAPI_DOCUMENT.read_text() == written(generated_messages()), (
        f"{ASYNCAPI_DOCUMENT.name} is not what the domain declares: run make openapi"
    )
