"""A server whose connections do byte by byte what a test says."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

_RESET: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with the names of its headers in lower case."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """Return the body, which is JSON."""
        return json.loads(self.body)


@dataclass
class RawServer:
    """A server, and what has come to it so far."""

    url: str
    requests: list[Request] = field(default_factory=list)
    accepted: int = 0
    ended: int = 0
    open_at_most: int = 0


class Peer:
    """A connection to a client, as the server has it."""

    def __init__(self, connection: socket.socket, server: RawServer) -> None:
        self._connection, self._server = connection, server
        self._received = connection.makefile("rb")

    def request(self) -> bool:
        """Receive the next request; return whether there was one before the connection's end."""
        lines: list[str] = []
        while (line := self._received.readline()) != b"\r\n":
            if not line:
                return False
            lines.append(line.decode().strip())
        fields = (line.partition(": ") for line in lines[1:])
        headers = {name.lower(): value for name, _, value in fields}
        body = self._received.read(int(headers["content-length"]))
        self._server.requests.append(Request(headers, body))
        return True

    def respond(self, content: bytes) -> None:
        """Send the bytes of a response."""
        self._connection.sendall(content)

    def reset(self) -> None:
        """Let the connection end with a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


Act = Callable[[Peer], None]
"""What a connection does. It is closed afterwards."""


def response(content: object, status: int = 200, **headers: str) -> bytes:
    """Return the bytes of a response, with a length unless there are other headers."""
    body = json.dumps(content).encode()
    fields = headers or {"Content-Length": str(len(body))}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([f"HTTP/1.1 {status} As planned", *lines, "", ""]).encode() + body


def answering(*responses: bytes) -> Act:
    """Return what answers as many requests, with these responses in turn."""

    def act(peer: Peer) -> None:
        for content in responses:
            if not peer.request():
                return
            peer.respond(content)

    return act


def always(content: bytes) -> Act:
    """Return what answers all requests with this response."""

    def act(peer: Peer) -> None:
        while peer.request():
            peer.respond(content)

    return act


@contextmanager
def raw_server(*acts: Act, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Serve on a free port of this machine: the first connection by the first of ``acts``.

    And so on; the last one is for all other connections.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = RawServer(f"http://127.0.0.1:{port}" if tls is None else f"https://localhost:{port}")
    lock = threading.Lock()

    def serve(connection: socket.socket, act: Act) -> None:
        with suppress(OSError):
            whole = tls.wrap_socket(connection, server_side=True) if tls else connection
            with whole:
                act(Peer(whole, server))
        connection.close()
        with lock:
            server.ended += 1

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                act = acts[min(server.accepted, len(acts) - 1)]
                with lock:
                    server.accepted += 1
                    now = server.accepted - server.ended
                    server.open_at_most = max(server.open_at_most, now)
                threading.Thread(target=serve, args=(connection, act), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
