"""What both Chalice apps have around their views: logs, problem details, and the check of tokens."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from aws_lambda_powertools import Logger
from chalice.app import Chalice, Request, Response

from core.adapters.http.authorization import VerifierFor, jwt_middleware
from core.adapters.http.observability import Handler, log_problem, log_refusal, request_log
from core.adapters.http.problems import kind_of, problem_answer
from core.adapters.http.requests import request_id

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], Response]


def protect(
    app: Chalice, logger: Logger, verifier_for: VerifierFor
) -> Callable[[View[P]], Callable[P, Response]]:
    """Give ``app`` its middlewares, and return the decorator for its views.

    The middlewares log each request and let through who may pass (``jwt_middleware``). The decorator hands a view its
    request and makes problem details of what it raises: Chalice itself would answer 500 before a middleware saw it.
    """

    def failed(request: Request, error: Exception) -> Response:
        log_problem(logger, request, error, kind_of(error))
        return problem_answer(error, request_id(request))

    def answer_failures(request: Request, get_response: Handler) -> Response:
        try:
            return get_response(request)
        except Exception as error:
            return failed(request, error)

    def refused(reason: str) -> None:
        log_refusal(logger, _current(app), reason)

    app.register_middleware(request_log(logger), "http")
    app.register_middleware(answer_failures, "http")
    app.register_middleware(jwt_middleware(app.routes, verifier_for, refused), "http")

    def answering(view: View[P]) -> Callable[P, Response]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            request = _current(app)
            try:
                return view(request, *args, **kwargs)
            except Exception as error:
                return failed(request, error)

        return answer

    return answering


def _current(app: Chalice) -> Request:
    request = app.current_request
    if request is None:
        raise RuntimeError("there is no request outside of a view")
    return request
