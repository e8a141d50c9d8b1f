"""An HTTP server for this machine that no client can bring down by being slow, large or many.

It reads whole requests, within ``Bounds``, before any handler or thread of a handler sees them: an
idle or slow connection costs memory of a known size, and nothing else. Bodies over the bound are
not read. Where all connections are taken, one that is idle makes room for a new one; if none is
idle, new ones wait in the listen backlog, and each connection is closed after its next response, so
that all get their turn. A request that no thread takes in time gets 503.

Why not http.server's: it starts a thread for each connection, without a bound, its timeout begins
anew with each byte, and it writes headers and body apart, so that each response on a kept
connection waits 40 ms for the client's delayed ACK. Here a response is one write, without Nagle's
algorithm. Why not a server from PyPI: it would need an adapter to WSGI or ASGI, and bounds around
it.
"""

import asyncio
import math
import signal
import socket
import sys
import traceback
from asyncio import StreamReader, StreamWriter, Task
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from apps.local.http_requests import Head, Refused, read_head
from apps.local.http_responses import (
    END_OF_HEAD,
    OVERLOADED,
    as_last,
    closes,
    has_no_content,
    refusal,
    without_content,
)

Respond = Callable[[bytes], bytes]
"""From a whole request to the whole response to it. It is called in several threads at once."""

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_MOMENT_SECONDS: Final = 0.1
_STEPS_TO_READ: Final = 3  # of the event loop, from the arrival of a byte to the end of idleness


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of the server clients may use.

    ``body_bytes`` is the largest body that the handlers accept. A larger one is not read: they get
    that many blanks and one more, so that the response is their own, and the same as on AWS (401
    without a token, 413 with one).
    """

    body_bytes: int
    head_bytes: int = 10_240  # API Gateway's quota for a request line with its headers
    connections: int = 100  # well below the 256 files that macOS lets a process open
    threads: int = 16  # each has files of its own open, those of its SQLite connection
    queue_seconds: float = 5.0  # for a thread to take a request that was read
    request_seconds: float = 10.0  # from the first byte of a request to its last
    response_seconds: float = 10.0  # for the client to read the response
    idle_seconds: float = 60.0  # between two requests, and before the first
    linger_seconds: float = 2.0  # to send a body that is not read, after the response to it


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free port. Raise OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=socket.SOMAXCONN)
    listener.settimeout(0)
    return listener


class BoundedServer:
    """Serves what connects to ``listener``, which is closed by ``close``."""

    def __init__(self, listener: socket.socket, respond: Respond, bounds: Bounds) -> None:
        self._listener = listener
        self._respond = respond
        self._bounds = bounds
        self._threads = ThreadPoolExecutor(bounds.threads, thread_name_prefix="request")
        self._free = asyncio.Semaphore(bounds.threads)
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._loop = self._runner.get_loop()
        self._stopped = asyncio.Event()
        self._open: set[Task[None]] = set()
        self._idle: dict[Task[None], float] = {}  # since when; the longest idle first
        self._crowded = False  # a connection waits for another one to end
        self._changed = asyncio.Event()  # a connection has ended or become idle

    def serve(self) -> None:
        """Serve until ``stop`` is called, or a signal handler raises."""
        self._runner.run(self._serve())

    def stop(self) -> None:
        """Make ``serve`` return; may be called in any thread, and before ``serve``."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    def close(self) -> None:
        """End all connections and stop listening. Call it once ``serve`` has returned."""
        self._runner.close()
        self._threads.shutdown()
        self._listener.close()

    async def _serve(self) -> None:
        accepting = asyncio.create_task(self._accept())
        await self._stopped.wait()
        for task in (accepting, *self._open):
            task.cancel()

    async def _accept(self) -> None:
        while True:
            try:
                accepted, _ = await self._loop.sock_accept(self._listener)
            except OSError:  # no file descriptor is left, or the client has gone already
                await self._make_room()
                continue
            while len(self._open) >= self._bounds.connections:
                self._crowded = True
                await self._make_room()
            self._crowded = False
            task = asyncio.create_task(self._converse(accepted))
            self._open.add(task)
            task.add_done_callback(self._ended)

    async def _make_room(self) -> None:
        """End the longest idle connection, or wait a moment for one to end or become idle.

        One that became idle less than a moment ago stays: its next request may be on the way.
        """
        self._changed.clear()
        for _ in range(_STEPS_TO_READ):  # it may have come while the loop was busy
            await asyncio.sleep(0)
        longest, since = next(iter(self._idle.items()), (None, math.inf))
        if longest is not None and self._loop.time() - since >= _MOMENT_SECONDS:
            longest.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOMENT_SECONDS):
                await self._changed.wait()

    def _ended(self, task: Task[None]) -> None:
        self._open.discard(task)
        self._changed.set()

    async def _converse(self, accepted: socket.socket) -> None:
        try:
            # asyncio sets it only for a socket that was made with the protocol's number.
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader, writer = await asyncio.open_connection(
                sock=accepted, limit=self._bounds.head_bytes
            )
        except OSError:  # macOS: the client has gone already
            accepted.close()
            return
        writer.transport.set_write_buffer_limits(0)  # drain waits until everything is sent
        try:
            while await self._exchange(reader, writer):
                pass
            await self._linger(reader, writer)
        except (OSError, EOFError):  # the client is slow or has gone; TimeoutError is an OSError
            pass
        finally:
            writer.transport.abort()

    async def _exchange(self, reader: StreamReader, writer: StreamWriter) -> bool:
        """Respond to one request; return whether the connection may carry another one."""
        first = await self._first_byte(reader)
        if not first:
            return False
        try:
            head, body = await self._request(first, reader, writer)
        except Refused as refused:
            await self._send(refusal(refused.status, str(refused)), writer)
            return False
        response = await self._handled(head.octets + body)
        if head.method == b"HEAD" or has_no_content(response):
            response = without_content(response)
        was_read = head.body_bytes <= self._bounds.body_bytes
        if not head.keeps_alive or not was_read or self._crowded:
            response = as_last(response)
        await self._send(response, writer)
        return not closes(response)

    async def _first_byte(self, reader: StreamReader) -> bytes:
        with self._can_be_ended():
            async with asyncio.timeout(self._bounds.idle_seconds):
                return await reader.read(1)

    @contextmanager
    def _can_be_ended(self) -> Iterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._idle[task] = self._loop.time()
        self._changed.set()
        try:
            yield
        finally:
            del self._idle[task]

    async def _request(
        self, first: bytes, reader: StreamReader, writer: StreamWriter
    ) -> tuple[Head, bytes]:
        try:
            async with asyncio.timeout(self._bounds.request_seconds):
                head = read_head(first + await reader.readuntil(END_OF_HEAD))
                if head.body_bytes > self._bounds.body_bytes:
                    return head, b" " * (self._bounds.body_bytes + 1)
                if head.expects_continue:
                    writer.write(_CONTINUE)
                return head, await reader.readexactly(head.body_bytes)
        except TimeoutError:
            seconds = self._bounds.request_seconds
            raise Refused(
                HTTPStatus.REQUEST_TIMEOUT, f"The request took more than {seconds:g} seconds."
            ) from None
        except asyncio.LimitOverrunError:
            raise Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"The headers must not be over {self._bounds.head_bytes:,} bytes.",
            ) from None

    async def _handled(self, request: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._bounds.queue_seconds):
                await self._free.acquire()
        except TimeoutError:
            return OVERLOADED
        try:
            return await self._loop.run_in_executor(self._threads, self._response, request)
        finally:
            self._free.release()

    def _response(self, request: bytes) -> bytes:
        try:
            return self._respond(request)
        except Exception as error:  # noqa: BLE001 - one line for what a client can cause repeatedly
            at = traceback.extract_tb(error.__traceback__)[-1]
            print(f"{at.filename}:{at.lineno}: {error!r}", file=sys.stderr, flush=True)
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")

    async def _send(self, response: bytes, writer: StreamWriter) -> None:
        writer.write(response)
        async with asyncio.timeout(self._bounds.response_seconds):
            await writer.drain()

    async def _linger(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Let the client read the response: closing on unread input would take it away."""
        writer.write_eof()
        with suppress(TimeoutError), self._can_be_ended():
            async with asyncio.timeout(self._bounds.linger_seconds):
                while await reader.read(self._bounds.head_bytes):
                    pass


def serve_until_signal(server: BoundedServer) -> None:
    """Serve until SIGINT or SIGTERM; a shell's ``&`` would have SIGINT ignored."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: server.stop())
    with closing(server):
        server.serve()
