"""What became of commands, as metrics: accepted, replayed, refused and why, decided again.

The responses determine them, so clients and operators count alike. A request that is not a
command (a body that is not JSON, no token) and a failure (5xx) are API Gateway's to count.
"""

from collections.abc import Mapping
from typing import Any, Final

from chalice.app import Request, Response

from core.adapters.emf import Embed, Metric
from core.adapters.http.observability import Measure

SERVICE: Final = {"service": "command"}
"""The dimension of all of them: the service that the line has anyway."""

METHODS: Final = frozenset({"POST", "PATCH", "DELETE"})

REFUSALS: Final[Mapping[int, str]] = {
    404: "not-found",
    409: "conflict",
    412: "precondition",
    422: "rule",
}
"""The dimension ``refusal`` of ``CommandsRefused``; the line of the problem has its very type."""

_ONE: Final = Metric(1)


def outcome_of(embed: Embed) -> Measure:
    """Return what embeds a command's outcome in its request's line."""

    def measure(request: Request, response: Response) -> Mapping[str, Any]:
        if request.method not in METHODS:
            return {}
        if response.status_code in REFUSALS:
            refusal = {"refusal": REFUSALS[response.status_code]}
            return embed({**SERVICE, **refusal}, {"CommandsRefused": _ONE})
        if response.status_code >= 300:
            return {}
        replayed = "Idempotent-Replayed" in response.headers
        return embed(SERVICE, {"CommandsReplayed" if replayed else "CommandsAccepted": _ONE})

    return measure


def decided_again(embed: Embed) -> Mapping[str, Any]:
    """Return the metric of a command that is decided once more, because another was faster."""
    return embed(SERVICE, {"CommandConflicts": _ONE})
