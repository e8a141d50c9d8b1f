"""Fixtures that plan all roots once."""

import pytest

from tests.infrastructure.stack.planning import Plan, Stack, plan_all, plan_with_options


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Make's targets, with a build folder of this test run."""
    return Stack(tmp_path_factory.getbasetemp() / "terraform")


@pytest.fixture(scope="session")
def validated(stack: Stack) -> str:
    """Package, validate and plan all roots offline; return the output of make."""
    return plan_all(stack)


@pytest.fixture(scope="session")
def service(stack: Stack, validated: str) -> Plan:
    return stack.plan("service")


@pytest.fixture(scope="session")
def registry(stack: Stack, validated: str) -> Plan:
    return stack.plan("registry")


@pytest.fixture(scope="session")
def bootstrap(stack: Stack, validated: str) -> Plan:
    return stack.plan("bootstrap")


@pytest.fixture(scope="session")
def optional(stack: Stack, validated: str) -> Plan:
    return plan_with_options(stack)
