"""Spans to AWS X-Ray: a document for each, sent to the daemon that Lambda runs beside a function.

https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html (the daemon)
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html (subsegments)
"""

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from core.adapters.dynamodb.retries import THROTTLED
from core.adapters.dynamodb.spans import Span

_TRACE: Final = "_X_AMZN_TRACE_ID"
"""Lambda sets it with each invocation: Root=1-...;Parent=...;Sampled=1."""

_DAEMON: Final = "AWS_XRAY_DAEMON_ADDRESS"
_DEFAULT_DAEMON: Final = "127.0.0.1:2000"
_HEADER: Final = b'{"format":"json","version":1}\n'
_FAULT_STATUS: Final = 500


class XRay:
    """Sends spans as subsegments of the invocation that ``environment`` is about at that time.

    For an invocation that is not sampled, nothing is made and nothing is sent. A datagram is not
    waited for, and one that cannot be sent is lost: tracing neither delays nor fails a request.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._region = environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION")
        self._address = _udp_address(environment.get(_DAEMON) or _DEFAULT_DAEMON)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0)

    def record(self, span: Span) -> None:
        """Send a span. Raises nothing."""
        trace = _fields(self._environment.get(_TRACE, ""))
        if trace.get("Sampled") != "1" or "Root" not in trace or "Parent" not in trace:
            return
        document = {
            "trace_id": trace["Root"],
            "parent_id": trace["Parent"],
            "id": os.urandom(8).hex(),
            **subsegment(span, self._region),
        }
        with suppress(OSError):
            self._socket.sendto(_HEADER + json.dumps(document).encode(), self._address)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def subsegment(span: Span, region: str | None) -> dict[str, Any]:
    """Return what the document of a span says, but for its ids."""
    names = {"table_name": span.tables[0]} if len(span.tables) == 1 else {}
    return {
        "type": "subsegment",
        "namespace": "aws",
        "name": "DynamoDB",
        "start_time": span.start,
        "end_time": span.end,
        "aws": {
            "operation": span.operation,
            **({} if region is None else {"region": region}),
            **(names or {"table_names": list(span.tables)}),
            "retries": span.retries,
        },
        "metadata": {"store": {"items": span.items}},
        **({} if span.status is None else {"http": {"response": {"status": span.status}}}),
        **({} if span.error is None else _failed(span.status, span.error)),
    }


def _failed(status: int | None, error: str) -> dict[str, Any]:
    # The message of an error is left out, which might have something of an item.
    is_fault = status is None or status >= _FAULT_STATUS
    return {
        "fault" if is_fault else "error": True,
        **({"throttle": True} if error in THROTTLED else {}),
        "cause": {"exceptions": [{"id": os.urandom(8).hex(), "type": error}]},
    }


def _fields(header: str) -> dict[str, str]:
    pairs = (field.partition("=") for field in header.split(";"))
    return {name.strip(): value for name, _, value in pairs}


def _udp_address(text: str) -> tuple[str, int]:
    """Return the address in one of the two forms: ``host:port``, ``tcp:host:port udp:host:port``.

    Return the default for anything else.
    """
    named = [part.removeprefix("udp:") for part in text.split() if part.startswith("udp:")]
    host, _, port = (named or [text])[0].rpartition(":")
    if not host or not port.isdecimal():
        host, _, port = _DEFAULT_DAEMON.rpartition(":")
    return host, int(port)
