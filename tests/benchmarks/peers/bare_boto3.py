"""boto3 and nothing else: what others are compared with."""

from . import store
from .bare import handler_of

handler = handler_of(store.get, store.put)
