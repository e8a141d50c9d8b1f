"""One JSON line for each request and each failure, without tokens, subjects or content."""

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from chalice.app import Request, Response

from core.adapters.http.problems import INTERNAL, Kind
from core.adapters.http.requests import correlation_id, request_id
from core.adapters.json_logger import JsonLogger
from core.application.requests import CommandRequest

Handler = Callable[[Request], Response]

Measure = Callable[[Request, Response], Mapping[str, Any]]
"""From a request and its response to the metrics in its line (``core.adapters.emf``)."""


def no_metrics(_request: Request, _response: Response) -> Mapping[str, Any]:
    """Measure nothing."""
    return {}


def request_log(
    logger: JsonLogger, measure: Measure = no_metrics
) -> Callable[[Request, Handler], Response]:
    """Return a Chalice middleware that logs requests and sends their correlation ids back."""

    def log_request(request: Request, get_response: Handler) -> Response:
        started = perf_counter()
        response = get_response(request)
        keys = _keys(request)
        response.headers["X-Correlation-Id"] = keys["correlation_id"]
        milliseconds = round(1000 * (perf_counter() - started), 1)
        logger.info(
            "request",
            extra={**keys, "status": response.status_code, "milliseconds": milliseconds},
            metrics=measure(request, response),
        )
        return response

    return log_request


def log_refusal(logger: JsonLogger, request: Request, reason: str) -> None:
    """Log that a caller was refused; ``reason`` has nothing from the token."""
    logger.info("refused", extra={**_keys(request), "reason": reason})


def log_problem(logger: JsonLogger, request: Request, error: Exception, kind: Kind) -> None:
    """Log what a request failed with, with its traceback when it was unexpected."""
    if kind == INTERNAL:
        logger.error("unexpected error", exc_info=error, extra=_keys(request))
    elif kind.status >= 500:
        logger.warning(kind.title, extra={**_keys(request), "reason": str(error)})
    else:
        logger.info(kind.title, extra={**_keys(request), "problem": kind.name})


def log_conflict(
    logger: JsonLogger, stream: str, request: CommandRequest, metrics: Mapping[str, Any]
) -> None:
    """Log that another writer was faster, so that a command is decided again."""
    about = {
        "stream": stream,
        "request_id": request.message_id,
        "correlation_id": request.correlation_id,
    }
    logger.info("decided again", extra=about, metrics=metrics)


def _keys(request: Request) -> dict[str, Any]:
    # Given with each line rather than kept in the logger, whose keys all threads of ``chalice
    # local`` share.
    return {
        "method": request.method,
        "route": request.path,
        "request_id": request_id(request),
        "correlation_id": correlation_id(request),
    }
