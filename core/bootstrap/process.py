"""What a process of any service has: settings, a clock, a log, metrics and who verifies tokens."""

import os
import sys
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from core.config import Settings, read_settings

if TYPE_CHECKING:
    from chalice_terraform.runtime.authorizer import JWTAuthorizer
    from chalice_terraform.runtime.enforcement import Audience, Verifier
    from core.adapters.emf import Embed
    from core.adapters.json_logger import JsonLogger


@cache
def settings() -> Settings:
    """Return the settings of this process. Raises ConfigurationError."""
    return read_settings(os.environ)


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@cache
def logger(service: str) -> "JsonLogger":
    """Return the logger of a service: JSON lines on standard output."""
    from core.adapters.json_logger import JsonLogger

    return JsonLogger(service, settings().log_level, sys.stdout, os.environ)


def embed() -> "Embed | None":
    """Return what embeds metrics in lines of the log, None without a namespace for them."""
    if (namespace := settings().metrics_namespace) is None:
        return None
    from core.adapters.emf import embedder

    return embedder(namespace)


def authorizer() -> "JWTAuthorizer":
    """Return the authorizer that routes declare, without scopes: each route names its own."""
    from chalice_terraform.runtime.authorizer import JWTAuthorizer

    return JWTAuthorizer("jwt", settings().jwt_issuer, settings().jwt_audience)


@cache
def verifier_for(issuer: str, audience: "Audience") -> "Verifier":
    """Return the verifier of an issuer's tokens; it keeps the issuer's keys."""
    from chalice_terraform.runtime.enforcement import token_verifier

    return token_verifier(issuer, audience)
