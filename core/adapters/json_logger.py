"""Logs as lines of JSON, in the form of Powertools for AWS Lambda, whose Logger takes 40 modules.

Its formatter is the oracle of the tests: the same record makes the same line.
"""

import json
import logging
import time
import traceback
from collections.abc import Mapping
from typing import Any, Final, TextIO

_TRACE_ID: Final = "_X_AMZN_TRACE_ID"
"""What Lambda keeps the invocation's trace header in."""

_STANDARD: Final = {*logging.makeLogRecord({}).__dict__, "asctime", "message", "taskName"}
"""The attributes of a record that are not ``extra``."""


_encode: Final = json.JSONEncoder(default=str, ensure_ascii=False, separators=(",", ":")).encode


def json_logger(
    service: str, level: str, out: TextIO, environment: Mapping[str, str]
) -> logging.Logger:
    """Return the logger of a service, which writes to ``out`` alone.

    ``environment`` is the process's: Lambda changes the trace id in it with each invocation.
    """
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter(service, environment))
    logger = logging.getLogger(service)
    logger.setLevel(level)
    logger.propagate = False  # Lambda's runtime has a handler at the root
    logger.handlers = [handler]
    return logger


class JsonFormatter(logging.Formatter):
    """Makes a line of a record: level, place and time, the message, what is ``extra``, an error.

    What is None is left out, and what JSON has no form for is ``str()`` of itself.
    """

    def __init__(self, service: str, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._service = service
        self._environment = environment

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        keys = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": _timestamp(record),
            "service": self._service,
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
            **self._error(record),
            "xray_trace_id": self._trace_id(),
        }
        return _encode({name: value for name, value in keys.items() if value is not None})

    def _error(self, record: logging.LogRecord) -> Mapping[str, Any]:
        error = record.exc_info[1] if record.exc_info else None
        if record.exc_info is None or error is None:
            return {}
        kind = type(error)
        frames = [
            {"file": at.filename, "line": at.lineno, "function": at.name, "statement": at.line}
            for at in traceback.extract_tb(error.__traceback__)
        ]
        return {
            "exception": self.formatException(record.exc_info),
            "exception_name": kind.__name__,
            "exception_notes": getattr(error, "__notes__", None),
            "stack_trace": {
                "type": kind.__name__,
                "value": error,
                "module": kind.__module__,
                "frames": frames,
            },
        }

    def _trace_id(self) -> str | None:
        header = self._environment.get(_TRACE_ID, "")
        return header.split(";")[0].replace("Root=", "") or None


def _timestamp(record: logging.LogRecord) -> str:
    """Return the record's time, to the millisecond, with the offset of the local time."""
    form = f"%Y-%m-%d %H:%M:%S,{int(record.msecs):03d}%z"
    return time.strftime(form, time.localtime(record.created))
