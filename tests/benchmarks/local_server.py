"""How fast ``make run`` responds over HTTP: to one client, to 64 at once, and to a writer.

Beside it, the query service as Chalice's own ``chalice local`` serves it. Each connection is kept,
and asks again as soon as it has its response. The clients share the processors with the servers,
so the figures are the least that the servers do.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from apps.local.endpoints import HOST, QUERY_HEALTH, read_endpoints
from apps.local.example import EXAMPLE_BODY
from apps.local.token import fetch_token
from core.domain.manifest import BOOKS
from tests.benchmarks.measuring import Data, latencies
from tests.support.services import ROOT, RUNNER, free_ports, new_environment, running
from tests.support.waiting import until

CONNECTIONS = 64
Request = tuple[str, str, Mapping[str, str], str | None]


def measure(rounds: int = 3, *, seconds: float = 3.0) -> Data:
    """Return the rate and the milliseconds of requests in each situation, which take turns."""
    with tempfile.TemporaryDirectory() as folder:
        environment = new_environment(Path(folder))
        at = read_endpoints(environment)
        with running(RUNNER, environment), _chalice_local(environment) as chalice:
            token = fetch_token(at.identity.url, "books:write")
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            write: Request = ("POST", BOOKS.collection, headers, EXAMPLE_BODY)
            book = _written(at.gateway.url, write)
            read: Request = ("GET", f"{book}?min_version=1", {}, None)
            page: Request = ("GET", BOOKS.collection, {}, None)
            situations = {
                "a book": partial(_ask, at.gateway.url, read),
                f"a book, {CONNECTIONS} clients": partial(
                    _ask, at.gateway.url, read, clients=CONNECTIONS
                ),
                "a page": partial(_ask, at.gateway.url, page),
                f"a page, {CONNECTIONS} clients": partial(
                    _ask, at.gateway.url, page, clients=CONNECTIONS
                ),
                "a new book": partial(_ask, at.gateway.url, write),
                "a book, without the gateway": partial(_ask, at.query.url, read),
                "a book, by `chalice local`": partial(_ask, chalice, read),
            }
            runs: dict[str, list[list[float]]] = {name: [] for name in situations}
            for _ in range(rounds):
                for name, ask in situations.items():
                    runs[name].append(ask(seconds=seconds))
    return {name: latencies(took, seconds) for name, took in runs.items()}


def _ask(url: str, request: Request, *, seconds: float, clients: int = 1) -> list[float]:
    """Return how many milliseconds each response took, of ``clients`` that ask without a pause."""
    end = time.perf_counter() + seconds
    with ThreadPoolExecutor(clients) as pool:
        runs = pool.map(lambda _: _ask_until(end, url, request), range(clients))
        return [milliseconds for run in runs for milliseconds in run]


def _ask_until(end: float, url: str, request: Request) -> list[float]:
    took = []
    with closing(_connection(url)) as connection:
        while (started := time.perf_counter()) < end:
            _responded(connection, request)
            took.append(1000 * (time.perf_counter() - started))
    return took


def _written(url: str, write: Request) -> str:
    """Return the path of the book that ``write`` adds."""
    with closing(_connection(url)) as connection:
        return urlsplit(_responded(connection, write)["Location"]).path


def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)


def _responded(connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPMessage:
    method, target, headers, body = request
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    content = response.read()
    if response.status not in {http.client.OK, http.client.CREATED}:
        raise RuntimeError(f"{method} {target}: {response.status} {content!r}")
    return response.headers


@contextmanager
def _chalice_local(environment: Mapping[str, str]) -> Iterator[str]:
    """Serve the query service by Chalice's own server; yield its URL."""
    (port,) = free_ports(1)
    chalice = Path(sys.executable).with_name("chalice")
    process = subprocess.Popen(
        [chalice, "local", "--host", HOST, "--port", port, "--no-autoreload"],
        cwd=ROOT / "apps" / "query",
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://{HOST}:{port}"
        until(partial(_serves, url), bool)
        yield url
    finally:
        process.terminate()
        process.wait()


def _serves(url: str) -> bool:
    try:
        with closing(_connection(url)) as connection:
            _responded(connection, ("GET", QUERY_HEALTH, {}, None))
    except (OSError, RuntimeError):
        return False
    return True
