"""A mistake in a plan, and the scenarios that must find it."""

from dataclasses import dataclass
from typing import Literal

from tests.infrastructure.compliance.plans import Change

COMMAND = "command_api_handler"
QUERY = "query_api_handler"
PROJECT = "query_project"


@dataclass(frozen=True, slots=True)
class Mutation:
    """`mistake`: what was done. `found_by`: the titles of the scenarios that fail, and no others."""

    mistake: str
    change: Change
    found_by: frozenset[str]
    root: Literal["service", "registry"]


def service(mistake: str, change: Change, *found_by: str) -> Mutation:
    """A mistake in the service."""
    return Mutation(mistake, change, frozenset(found_by), "service")


def registry(mistake: str, change: Change, *found_by: str) -> Mutation:
    """A mistake in the registry."""
    return Mutation(mistake, change, frozenset(found_by), "registry")
