"""The redrive of the projector's dead-letter queue: ``python -m apps.redrive``."""
