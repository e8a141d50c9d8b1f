"""Reads what shows that an app exists already: the option ``--migrate``."""

from __future__ import annotations

import json
from pathlib import Path

from chalice_terraform.merging.migration import is_address
from chalice_terraform.merging.model import Evidence, failure


def read_evidence(argument: str) -> Evidence:
    """Return the evidence that ``APP=WHAT`` names. Raises ``MergeError``."""
    app, separator, what = argument.partition("=")
    where = f"--migrate {argument}"
    if not app or not separator or not what:
        raise failure(where, "it must be APP=WHAT, such as shop=terraform")
    if is_address(what):
        return Evidence(app, what)
    try:
        return Evidence(app, what, json.loads(Path(what).read_text(encoding="utf-8")))
    except OSError as error:
        raise failure(
            where,
            f"{what}: {error.strerror}; give terraform, module.NAME or the name of a JSON file",
        ) from None
    except (ValueError, RecursionError) as error:
        raise failure(where, f"{what} is not JSON: {error}") from None
