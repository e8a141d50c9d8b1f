"""The event source mapping of the projector, with other settings for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.stack.deployed import Stack


@contextmanager
def mapping_disabled(stack: Stack) -> Iterator[None]:
    """Let no record reach the projector until the block ends; they come then."""
    with _changed(stack, "Enabled", was=True, now=False):
        yield


@contextmanager
def maximum_record_age(stack: Stack, seconds: int) -> Iterator[None]:
    """Give up the records of an invocation that fails once they are older than ``seconds``."""
    age = _mapping(stack)["MaximumRecordAgeInSeconds"]
    with _changed(stack, "MaximumRecordAgeInSeconds", was=age, now=seconds):
        yield


@contextmanager
def _changed(stack: Stack, setting: str, *, was: object, now: object) -> Iterator[None]:
    client, mapping = stack.client("lambda"), _mapping(stack)
    client.update_event_source_mapping(UUID=mapping["UUID"], **{setting: now})
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=mapping["UUID"], **{setting: was})


def _mapping(stack: Stack) -> Any:
    name = stack.deployment.output("functions")["projector"]
    mappings = stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    [mapping] = [each for each in mappings if each["FunctionArn"].endswith(f":{name}")]
    return mapping
