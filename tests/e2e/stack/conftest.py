"""The whole stack, delivered and applied once to an emulator of AWS."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e.containers import AUTHOR, Environment, git, refuse
from tests.e2e.stack.deployed import Stack
from tests.e2e.stack.deployment import REPOSITORY, Deployment, prepare
from tests.e2e.stack.emulator import Emulator, running_emulator
from tests.support.container_engine import BASE_IMAGE, NotHere
from tests.support.identity import running_identity


@pytest.fixture(scope="session")
def stack(
    engine: Environment, origin: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Yield the stack that ``make bootstrap`` and ``make deploy`` made in an empty account.

    The state is in the bucket of the bootstrap. The registry is applied, both images are
    delivered, and the service is applied once. The first test of a session that asks for the stack
    deploys it; the last one destroys it.
    """
    if shutil.which("terraform") is None:
        refuse(NotHere("there is no terraform here"))
    root = tmp_path_factory.mktemp("deployed") / "clone"
    git(origin, "clone", "--quiet", str(origin), str(root))
    with ExitStack() as block:
        identity = block.enter_context(running_identity())
        try:
            folder = tmp_path_factory.mktemp("emulator")
            emulator = block.enter_context(running_emulator(engine, folder))
        except NotHere as problem:
            refuse(problem)
        deployment = prepare(root, engine, emulator, identity.issuer, BASE_IMAGE)
        try:
            deployment.make("bootstrap", f"REPOSITORY={REPOSITORY}")
            git(root, "add", "--all")  # as it says: a delivery is of a commit
            git(root, *AUTHOR, "commit", "--quiet", "--message", "Use the bucket of states")
            bootstrapped = len(emulator.recorded())
            deployment.make("deploy")
        except AssertionError as failure:
            if "available provider packages" not in str(failure):
                raise
            refuse(NotHere("terraform has no AWS provider here: go online or set TF_PLUGIN_DIR"))
        calls = emulator.recorded()[bootstrapped:]
        http = block.enter_context(_http(deployment, emulator))
        yield Stack(deployment, emulator, identity, http, calls)


def _http(deployment: Deployment, emulator: Emulator) -> httpx.Client:
    """Return a client that sends the API's host name to the emulator's address."""
    host = httpx.URL(deployment.output("api_url")).netloc.decode()
    return httpx.Client(
        base_url=f"http://{emulator.address}", headers={"Host": host}, timeout=60, trust_env=False
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run first what needs a healthy stack, and last that after which it is another one, or none.

    Other tests store events that nothing can read.
    """
    last = ["test_a_restored_table_is_taken_over_by_terraform", "test_a_destroy_leaves_nothing"]

    def order(item: pytest.Item) -> int:
        if item.name in last:
            return last.index(item.name)
        return -2 if item.path.name == "test_operations.py" else -1

    items.sort(key=order)
