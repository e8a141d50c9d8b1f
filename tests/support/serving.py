"""A bounded server in a thread of this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from apps.local.http_server import BoundedServer


@contextmanager
def serving(server: BoundedServer) -> Iterator[None]:
    """Serve until the block ends."""
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
        server.close()
