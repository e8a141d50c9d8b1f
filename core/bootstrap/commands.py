"""What the command service needs of the engine, and what it keeps of who sends a command."""

import os
from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, assert_never

from core.bootstrap import process, stores
from core.bootstrap.domain import DOMAIN
from core.config import MIN_KEY_CHARACTERS, KeptActor
from core.ports.ids import uuid_text

if TYPE_CHECKING:
    from core.adapters.http.observability import Measure
    from core.application.handling import CommandHandler
    from core.application.requests import ActorName, CommandRequest
    from core.domain.manifest import Command, Event, State


@cache
def handler() -> "CommandHandler[State, Command, Event]":
    """Return the handler of commands: one for all requests of this process.

    Raises StoreUnavailable when there is no key for what events keep of their actor.
    """
    from core.application.handling import CommandHandler

    return CommandHandler(
        DOMAIN,
        stores.event_store(),
        process.utc_now,
        _new_id,
        _log_conflict,
        actor_name=_actor_name(),
    )


def outcomes() -> "Measure":
    """Return what measures the outcomes of commands, nothing without a namespace of metrics."""
    if (embed := process.embed()) is None:
        from core.adapters.http.observability import no_metrics

        return no_metrics
    from core.adapters.http.command_metrics import outcome_of

    return outcome_of(embed)


def _new_id() -> str:
    return uuid_text(os.urandom(16), version=4)


def _log_conflict(stream: str, request: "CommandRequest", /) -> None:
    from core.adapters.http.observability import log_conflict

    metrics: Mapping[str, Any] = {}
    if (embed := process.embed()) is not None:
        from core.adapters.http.command_metrics import decided_again

        metrics = decided_again(embed)
    log_conflict(process.logger("command"), stream, request, metrics)


def _actor_name() -> "ActorName":
    """Return what events keep of their actor. Raises StoreUnavailable when there is no key."""
    from core.application.requests import nobody, subject_of

    match process.settings().actor:
        case KeptActor.SUBJECT:
            return subject_of
        case KeptActor.DIGEST:
            from core.application.pseudonyms import pseudonym

            return partial(pseudonym, actor_key())
        case KeptActor.NONE:
            return nobody
        case _:
            assert_never(process.settings().actor)


@cache
def actor_key() -> bytes:
    """Return the key of pseudonyms. Raises StoreUnavailable when it cannot be read."""
    key, parameter = process.settings().actor_key, process.settings().actor_key_parameter
    if key is None and parameter is not None:
        from core.adapters.dynamodb.parameters import read_parameter
        from core.ports.errors import StoreUnavailable

        key = read_parameter(parameter, os.environ).strip()  # a file may have ended its line
        if len(key) < MIN_KEY_CHARACTERS:
            raise StoreUnavailable(
                f"parameter {parameter}: the key must have at least {MIN_KEY_CHARACTERS}"
                " characters",
                60,
            )
    return (key or "").encode()
