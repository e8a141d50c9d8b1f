"""A last look at everything, once no fault is left: each book and each listing, by each process."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import uuid4

from tests.reliability.processes.books import all_listings
from tests.reliability.processes.history import LoggedEvent, Operation
from tests.reliability.processes.requests import Api, Service

DRAIN_SECONDS: Final = 240.0
"""How long the read model may take to catch up, for all books together: a projector that was killed
reads DynamoDB's stream from its beginning."""

_READERS: Final = 6
_PAUSE_SECONDS: Final = 0.1


def read_everything(api: Api, services: Iterable[Service], events: Iterable[LoggedEvent]) -> None:
    """Read every book at its last version, waiting for it, and every listing."""
    last = {event.stream: event.version for event in sorted(events, key=lambda e: e.version)}
    deadline = api.clock() + DRAIN_SECONDS

    def read(service: Service, stream: str) -> Operation:
        while True:
            read = api.get(service, stream, min_version=last[stream])
            if read.status in (200, 404) or api.clock() > deadline:
                return read
            time.sleep(_PAUSE_SECONDS)

    def walk(service: Service, parameters: dict[str, str]) -> None:
        api.walk(service, str(uuid4()), {**parameters, "limit": "100"})

    with ThreadPoolExecutor(_READERS) as readers:
        for service in services:
            list(readers.map(lambda stream, at=service: read(at, stream), last))
            list(readers.map(lambda listing, at=service: walk(at, listing), all_listings()))
