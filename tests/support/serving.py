"""Servers in threads of this process: ours, and that of ``chalice local``."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import create_local_server

from apps.local.http_server import BoundedServer, Bounds, Respond, listen


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


@contextmanager
def served(respond: Respond, body_bytes: int = 65_536) -> Iterator[str]:
    """Serve what ``respond`` returns on a free port until the block ends; yield the URL."""
    listener = listen("127.0.0.1", 0)
    with serving(BoundedServer(listener, respond, Bounds(body_bytes))):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def chalice_local(app: Chalice) -> Iterator[int]:
    """Serve ``app`` as ``chalice local`` does until the block ends; yield the port."""
    server = create_local_server(app, Config.create(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server.server_close()
