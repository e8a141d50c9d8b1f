"""Fixtures of the tests that start real processes.

Those in containers share one engine, which keeps the layers of the images that it has built: they
are all in one group of xdist.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.containers import (
    Builder,
    Environment,
    commit_of_the_work_tree,
    lambda_builder,
    refuse,
)
from tests.support.container_engine import NotHere, import_base_image, running_engine
from tests.support.services import new_environment


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a runner for this test alone."""
    return new_environment(tmp_path)


@pytest.fixture(scope="session")
def engine() -> Iterator[Environment]:
    """Yield an environment in which ``docker`` works and has the base image."""
    with ExitStack() as stack:
        try:
            environment = stack.enter_context(running_engine())
            import_base_image(environment)
        except NotHere as problem:
            refuse(problem)
        yield environment


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with the work tree as it is, in one commit."""
    return commit_of_the_work_tree(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="session")
def builder(engine: Environment, tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Return a builder whose engine has the stand-in for AWS's base image."""
    return lambda_builder(engine, tmp_path_factory.mktemp("base"))
