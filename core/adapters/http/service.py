"""What surrounds the views of every Chalice app: logs, problem details and the check of tokens."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from chalice.app import Chalice, Request, Response

from chalice_terraform.runtime.enforcement import VerifierFor, jwt_middleware
from core.adapters.http.callers import remember_caller
from core.adapters.http.observability import (
    Handler,
    Measure,
    log_problem,
    log_refusal,
    no_metrics,
    request_log,
)
from core.adapters.http.problems import kind_of, problem_response
from core.adapters.http.requests import request_id
from core.adapters.json_logger import JsonLogger

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], Response]


def protect(
    app: Chalice,
    logger: JsonLogger,
    verifier_for: VerifierFor,
    problem_types: str,
    measure: Measure = no_metrics,
) -> Callable[[View[P]], Callable[P, Response]]:
    """Give ``app`` its middlewares, and return the decorator for its views.

    The middlewares log each request, with the metrics that ``measure`` returns for it, and let
    authorized callers through (``jwt_middleware``). The decorator hands a view its request and
    turns what it raises into problem details, whose types begin with ``problem_types``: Chalice
    itself would return 500 before a middleware saw the exception.
    """

    def failed(request: Request, error: Exception) -> Response:
        log_problem(logger, request, error, kind_of(error))
        return problem_response(error, request_id(request), problem_types)

    def respond_to_failures(request: Request, get_response: Handler) -> Response:
        try:
            return get_response(request)
        except Exception as error:
            return failed(request, error)

    def refused(reason: str) -> None:
        log_refusal(logger, _current(app), reason)

    app.register_middleware(request_log(logger, measure), "http")
    app.register_middleware(respond_to_failures, "http")
    app.register_middleware(
        jwt_middleware(app.routes, verifier_for, refused, remember_caller), "http"
    )

    def responding(view: View[P]) -> Callable[P, Response]:
        @wraps(view)
        def respond(*args: P.args, **kwargs: P.kwargs) -> Response:
            request = _current(app)
            try:
                return view(request, *args, **kwargs)
            except Exception as error:
                return failed(request, error)

        return respond

    return responding


def _current(app: Chalice) -> Request:
    request = app.current_request
    if request is None:
        raise RuntimeError("there is no request outside of a view")
    return request
