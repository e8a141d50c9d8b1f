"""Names in the stack: short, predictable, and never one name for two things."""

import hashlib
import re

# No underscore in an app's name: the first underscore of `command_api_handler` then is where the
# app's name ends, and no two pairs of app and name become one.
_NAME = re.compile(r"[a-z][a-z0-9]*")
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]+")


def is_valid_name(name: str) -> bool:
    """Whether an app or an HTTP API may have this name."""
    return _NAME.fullmatch(name) is not None


def prefixed(app: str, name: str) -> str:
    """The name that a thing of an app has in the stack: `command_api_handler`."""
    return f"{app}_{identifier(name)}"


def identifier(name: str) -> str:
    """The name as the rest of a Terraform identifier.

    What Terraform does not take becomes `-`, and then a digest of the name keeps two apart.
    """
    if _IDENTIFIER.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9_-]', '-', name)}-{digest}"
