"""The domain that the engine is given: the only module here that names it."""

from core.domain.manifest import BOOKS as DOMAIN

__all__ = ["DOMAIN"]
