"""Keep-alive connections to one server."""

import select
import socket
import ssl
from collections import deque
from collections.abc import Mapping
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import BoundedSemaphore
from typing import NamedTuple

from core.adapters.dynamodb.client import (
    CONNECT_TIMEOUT_SECONDS,
    READ_TIMEOUT_SECONDS,
    NoResponse,
)
from core.adapters.dynamodb.environment import Target


class HttpResponse(NamedTuple):
    """A response, with the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Connections to ``target``, at most ``limit`` at once, for all threads of a process.

    A thread waits while all are in use. A server closes a connection that is idle for long. That is
    noticed before a request is sent on it, unless it happens at that very moment: then the request
    counts as one without a response.
    """

    def __init__(
        self, target: Target, limit: int, read_timeout: float = READ_TIMEOUT_SECONDS
    ) -> None:
        self._target = target
        self._read_timeout = read_timeout
        self._places = BoundedSemaphore(limit)
        # The one used last is taken first, so that a quiet time needs few.
        self._idle: deque[HTTPConnection] = deque()

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpResponse:
        """Send a request to the path "/" and return its response. Raises NoResponse."""
        with self._places:
            try:
                connection = self._idle_one() or self._new()
                response = _exchange(connection, headers, body)
            except (OSError, HTTPException, UnicodeError) as error:
                raise NoResponse(f"{type(error).__name__}: {error}") from error
            if connection.sock is not None:
                self._idle.append(connection)
            return response

    def _idle_one(self) -> HTTPConnection | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if _is_open(connection.sock):
                return connection
            connection.close()

    def _new(self) -> HTTPConnection:
        host, port = self._target.host, self._target.port
        connection = (
            HTTPSConnection(host, port, timeout=CONNECT_TIMEOUT_SECONDS, context=self._tls)
            if self._target.is_secure
            else HTTPConnection(host, port, timeout=CONNECT_TIMEOUT_SECONDS)
        )
        try:
            connection.connect()  # sets TCP_NODELAY
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.sock.settimeout(self._read_timeout)
        except BaseException:
            connection.close()
            raise
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Reading the machine's certificates takes some 20 ms.
        return ssl.create_default_context()


def _exchange(connection: HTTPConnection, headers: Mapping[str, str], body: bytes) -> HttpResponse:
    try:
        connection.request("POST", "/", body, headers)
        response = connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return HttpResponse(response.status, received, response.read())
    except BaseException:
        connection.close()
        raise


def _is_open(idle: socket.socket) -> bool:
    """Return whether nothing has come since the last response: neither an end nor anything else."""
    poll = select.poll()
    poll.register(idle, select.POLLIN)
    return not poll.poll(0)
