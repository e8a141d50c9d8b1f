"""Mistakes in a plan, and the scenarios that must find them."""

from dataclasses import dataclass
from typing import Literal

from tests.infrastructure.compliance.plans import Change

COMMAND = "command_api_handler"
QUERY = "query_api_handler"
PROJECT = "query_project"


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mistake in a plan. ``found_by`` has the titles of exactly the scenarios that must fail."""

    mistake: str
    change: Change
    found_by: frozenset[str]
    root: Literal["service", "registry", "bootstrap", "integration-events"]


def service(mistake: str, change: Change, *found_by: str) -> Mutation:
    """Return a mistake in the service's plan."""
    return Mutation(mistake, change, frozenset(found_by), "service")


def registry(mistake: str, change: Change, *found_by: str) -> Mutation:
    """Return a mistake in the registry's plan."""
    return Mutation(mistake, change, frozenset(found_by), "registry")


def bootstrap(mistake: str, change: Change, *found_by: str) -> Mutation:
    """Return a mistake in the bootstrap's plan."""
    return Mutation(mistake, change, frozenset(found_by), "bootstrap")
