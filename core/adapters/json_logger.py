"""Logs as lines of JSON, in the form of Powertools for AWS Lambda.

Its Logger is the oracle of the tests: the same call makes the same line. Why not that: it takes 40
modules to import, and 30 microseconds for a line; Python's own ``logging`` takes two thirds of it.
"""

import json
import sys
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TextIO

_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_TRACE_ID: Final = "_X_AMZN_TRACE_ID"
"""What Lambda keeps the trace header of the invocation in."""

_NONE: Final[Mapping[str, Any]] = {}
_COMPACT: Final = (",", ":")
_encode: Final = json.JSONEncoder(default=str, ensure_ascii=False, separators=_COMPACT).encode
_escape: Final = json.JSONEncoder(default=str, separators=_COMPACT).encode


class JsonLogger:
    """Writes lines to ``out``.

    A line has the level, the place in the code, the message, the time, what is ``extra``, an error.
    What is None is left out, and what JSON has no form for is ``str()`` of itself. Lines below
    ``level`` are not written, but for those with metrics (``core.adapters.emf``). ``environment``
    is the process's: Lambda changes the trace id in it with each invocation. Safe to share between
    threads: a line is one write.
    """

    def __init__(
        self, service: str, level: str, out: TextIO, environment: Mapping[str, str]
    ) -> None:
        self.out = out
        self._service = service
        self._written = _LEVELS[_LEVELS.index(level) :]
        self._environment = environment

    def info(
        self, message: str, *, extra: Mapping[str, Any], metrics: Mapping[str, Any] = _NONE
    ) -> None:
        """Log what happens all day, with metrics that ``core.adapters.emf`` has embedded."""
        self._log("INFO", message, extra, metrics=metrics)

    def warning(self, message: str, *, extra: Mapping[str, Any]) -> None:
        """Log what passes by itself, and should not last."""
        self._log("WARNING", message, extra)

    def error(
        self, message: str, *, extra: Mapping[str, Any], exc_info: BaseException | None = None
    ) -> None:
        """Log what somebody has to mend, with the traceback of ``exc_info``."""
        self._log("ERROR", message, extra, exc_info)

    def _log(
        self,
        level: str,
        message: str,
        extra: Mapping[str, Any],
        error: BaseException | None = None,
        metrics: Mapping[str, Any] = _NONE,
    ) -> None:
        if level not in self._written and not metrics:
            return
        caller = sys._getframe(2)
        keys = {
            "level": level,
            "location": f"{caller.f_code.co_name}:{caller.f_lineno}",
            "message": message,
            "timestamp": timestamp(time.time()),
            "service": self._service,
            **extra,
            **metrics,
        }
        if error is not None:
            keys.update(_described(error))
        if header := self._environment.get(_TRACE_ID):
            keys["xray_trace_id"] = header.split(";")[0].replace("Root=", "") or None
        if None in keys.values():
            keys = {name: value for name, value in keys.items() if value is not None}
        self._write(keys)

    def _write(self, keys: Mapping[str, Any]) -> None:
        try:
            try:
                self.out.write(_encode(keys) + "\n")
            except UnicodeEncodeError:  # a lone surrogate
                self.out.write(_escape(keys) + "\n")
            self.out.flush()
        except OSError:
            return  # a log that nobody reads any longer fails no request


def timestamp(seconds: float) -> str:
    """Return a time, since 1970 UTC, as local time to the millisecond, with its offset."""
    second, offset = _second(int(seconds))
    return f"{second},{int(seconds % 1 * 1000):03d}{offset}"


@lru_cache(maxsize=1)
def _second(seconds: int) -> tuple[str, str]:
    """Return the local time of a second, which many lines have, and its offset."""
    local = time.localtime(seconds)
    return time.strftime("%Y-%m-%d %H:%M:%S", local), time.strftime("%z", local)


def _described(error: BaseException) -> Mapping[str, Any]:
    kind = type(error)
    frames = [
        {"file": at.filename, "line": at.lineno, "function": at.name, "statement": at.line}
        for at in traceback.extract_tb(error.__traceback__)
    ]
    return {
        "exception": "".join(traceback.format_exception(error)).removesuffix("\n"),
        "exception_name": kind.__name__,
        "exception_notes": getattr(error, "__notes__", None),
        "stack_trace": {
            "type": kind.__name__,
            "value": error,
            "module": kind.__module__,
            "frames": frames,
        },
    }
