"""Where the feed of public messages goes: lines of text, or an HTTP endpoint.

Each is a bus (``core.ports.messages.Bus``), so what holds of the order and of repeats in AWS holds
here too.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import SplitResult, urlsplit

from core.ports.json_text import compact_json
from core.ports.messages import BusUnavailable, CloudEvent, Refused

TIMEOUT_SECONDS: Final = 10.0
CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Lines:
    """Writes each message as a line (NDJSON). Of a file, they are on the disk once sent."""

    out: BinaryIO
    is_file: bool

    def fitting(self, messages: Sequence[CloudEvent]) -> int:
        """Return how many lines are written at once (``Bus``): all."""
        return len(messages)

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        """Write messages (``Bus``)."""
        lines = "".join(f"{compact_json(message)}\n" for message in messages)
        self.out.write(lines.encode())
        self.out.flush()
        if self.is_file:
            os.fsync(self.out.fileno())
        return [None] * len(messages)


def open_file(path: Path) -> BinaryIO:
    """Open a file to append lines, without the part of a line that a killed process has left."""
    out = path.open("a+b")
    end = out.seek(0, os.SEEK_END)
    out.seek(0)
    whole = sum(len(line) for line in out if line.endswith(b"\n"))
    if whole < end:
        out.truncate(whole)
    out.seek(0, os.SEEK_END)
    return out


class Webhook:
    """Posts each message to a URL, as CloudEvents' HTTP binding has it (structured mode).

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
    A message counts as taken with any status of 200 to 299, and comes again until then. Raises
    ValueError for what is no http URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(f"URL must be an http or https URL, not {url!r}")
        self._parts = parts

    def fitting(self, _: Sequence[CloudEvent]) -> int:
        """Return how many messages a request has (``Bus``): one."""
        return 1

    def send(self, messages: Sequence[CloudEvent]) -> Sequence[Refused | None]:
        """Post messages, each by a request of its own (``Bus``)."""
        return [self._post(message) for message in messages]

    def _post(self, message: CloudEvent) -> Refused | None:
        connection = _connection(self._parts)
        path = self._parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        try:
            body = compact_json(message).encode()
            connection.request("POST", path, body, {"Content-Type": CONTENT_TYPE})
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise BusUnavailable(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if 200 <= status < 300:
            return None
        return Refused(f"status {status}", is_final=False)


def _connection(url: SplitResult) -> HTTPConnection:
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    assert url.hostname is not None
    return kind(url.hostname, url.port, timeout=TIMEOUT_SECONDS)
