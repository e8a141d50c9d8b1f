"""Names in the stack: short, predictable, and never the same for two things."""

from __future__ import annotations

import hashlib
import re

# App names have no underscore: in ``command_api_handler`` the first underscore ends the app's name,
# so no two pairs of app and name result in the same one.
_NAME = re.compile(r"[a-z][a-z0-9]*")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+")


def is_valid_name(name: str) -> bool:
    """Return whether an app or an HTTP API may have this name."""
    return _NAME.fullmatch(name) is not None


def prefixed(app: str, name: str) -> str:
    """Return the name in the stack of an app's resource, such as ``command_api_handler``."""
    return f"{app}_{identifier(name)}"


def identifier(name: str) -> str:
    """Return the name as the rest of a Terraform identifier.

    Characters that Terraform rejects become ``-``; a digest of the name then keeps it unique.
    """
    if _IDENTIFIER.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)}-{digest}"
