"""A gate before a server: while it is shut, connections are refused and open ones are cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HOST = "127.0.0.1"


@dataclass
class Gate:
    """Forwards connections to ``port`` of this machine to ``target`` while it is open."""

    target: tuple[str, int]
    port: int = 0
    _sockets: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def open(self) -> None:
        listener = socket.create_server((HOST, self.port))
        self.port = listener.getsockname()[1]
        self._sockets = [listener]
        threading.Thread(target=self._forward, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        for each in self._sockets:
            with suppress(OSError):  # one that the other side has closed
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _forward(self, listener: socket.socket) -> None:
        with suppress(OSError):  # until it is shut
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(self.target)
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def gate_before(url: str) -> Iterator[Gate]:
    """Yield an open gate before the server at ``url``."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    gate = Gate((parts.hostname, parts.port))
    gate.open()
    try:
        yield gate
    finally:
        gate.shut()
