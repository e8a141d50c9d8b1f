"""The standard library and nothing else: the floor."""

from . import signed_store
from .bare import handler_of

handler = handler_of(signed_store.get, signed_store.put)
