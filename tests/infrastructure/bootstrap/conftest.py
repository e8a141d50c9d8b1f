"""The plans of the service and of the bootstrap."""

from tests.infrastructure.stack.conftest import bootstrap, optional, service, stack, validated

__all__ = ["bootstrap", "optional", "service", "stack", "validated"]
