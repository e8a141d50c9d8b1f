"""Plans both roots once."""

import pytest

from tests.infrastructure.stack.planning import Plan, Stack, plan_both


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A build folder that no other test run has."""
    return Stack(tmp_path_factory.getbasetemp() / "terraform")


@pytest.fixture(scope="session")
def validated(stack: Stack) -> str:
    """Both roots, packaged and validated, and planned offline: what make said."""
    return plan_both(stack)


@pytest.fixture(scope="session")
def service(stack: Stack, validated: str) -> Plan:
    return stack.plan("service")


@pytest.fixture(scope="session")
def registry(stack: Stack, validated: str) -> Plan:
    return stack.plan("registry")
