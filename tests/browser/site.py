"""The programs of ``make run``, as a browser meets them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.services import RUNNER, new_environment, running


@contextmanager
def running_site(folder: Path) -> Iterator[str]:
    """Yield the origin of both services and the pages, with an empty store in ``folder``."""
    environment = new_environment(folder)
    with running(RUNNER, environment):
        yield f"http://127.0.0.1:{environment['GATEWAY_PORT']}"
