"""Programs that tests need: CI must have them, and elsewhere the tests are skipped without."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def require_terraform() -> str:
    """Return the path of Terraform; without it, skip the test, or fail it in CI."""
    program = shutil.which("terraform")
    if program is None:
        skip_or_fail("terraform is not on PATH: install it to run this test")
    return program


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test; in CI, fail it instead."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
