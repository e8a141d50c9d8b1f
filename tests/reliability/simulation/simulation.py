"""One run: a world from a seed, with its actors, its faults, and the checks at its end.

An operation is a request to the store: each is a point at which any other actor may run. After as
many operations as asked for, the faults end; what is under way is finished, the stream drained and
a last rebuild made, and the catalogue is compared with the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import seed as seed_jitter
from typing import Any, Final, NamedTuple

from apps.local.dynamodb_tables import catalogue_table, events_table
from core.application.aside import RETRY_EVERY_SECONDS
from core.ports.errors import StoreUnavailable
from tests.reliability.simulation.badges import BADGES, NEXT
from tests.reliability.simulation.clients import Commander
from tests.reliability.simulation.dynamodb import ModelDynamoDb
from tests.reliability.simulation.end import check_catalogue
from tests.reliability.simulation.ledger import CATALOGUE, EVENTS, Ledger
from tests.reliability.simulation.network import Client, Weather
from tests.reliability.simulation.processes import AnyDomain, Process, Supervised
from tests.reliability.simulation.readers import Reader
from tests.reliability.simulation.stream import EventStream, Lane
from tests.reliability.simulation.throughput import Throughput
from tests.reliability.simulation.world import Killed, Violation, World

COMMANDERS: Final = 10
READERS: Final = 10
LANES: Final = 4
BATCH: Final = 10
PAGE_BYTES: Final = 16_384
"""Pages are shorter than DynamoDB's 1 MB, so that more happens between them."""

PACES: Final = ((0.02, 3.0), (0.2, 15.0), (2.0, 60.0), (10.0, 200.0))
"""How long an actor waits between two requests, and for how long at most that stays so: a rush is
short."""

JUMPS: Final = (-3_600.0, -30.0, 0.0, 30.0, 3_600.0)
"""By how many seconds a process's clock may be wrong after it has jumped."""

LONG_PACE: Final = 600.0
"""The same while the catalogue is unavailable for hours."""

HOT_SECONDS: Final = 30.0

MOST_LEFT: Final = 60
"""Places that no view has, after all those faults: a projector that was killed may have been
overtaken, and a write may take effect long after its client has given it up. A rebuild leaves
none."""

SETTLE_SECONDS: Final = 120.0
"""Longer than any request takes to come to its end."""


class Outcome(NamedTuple):
    """What a run did, and the promise that it found broken, None if it found none."""

    seed: int
    operations: int
    events: int
    rebuilds: int
    dead_letters: int
    seconds: float
    digest: str
    violation: str | None
    trace: tuple[str, ...]


@dataclass
class Simulation:
    """A world with all its actors."""

    seed: int
    budget: int
    outage_hours: float = 0.0
    """How long the catalogue is unavailable, at a third of the way: 0 for the usual weather."""
    world: World = field(init=False)
    weather: Weather = field(default_factory=Weather)
    pace: float = 1.0
    rebuilds: int = 0
    known: list[str] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    releases: Sequence[AnyDomain] = (BADGES,)
    """The versions of the program of which a new process may be."""
    processes: list[Supervised] = field(default_factory=list)
    is_deployed: bool = False
    """Whether the next release is there to stay."""
    is_quiet: bool = False
    """Whether the clients have stopped."""
    is_over: bool = False
    """Whether the stream's lanes have stopped too."""

    def __post_init__(self) -> None:
        self.world = World(self.seed)
        self.ledger = Ledger(self.world)
        self.database = ModelDynamoDb(
            now=lambda: self.world.now,
            delay=self._delay,
            committed=self.ledger.committed,
            throughput=Throughput(),
            page_bytes=PAGE_BYTES,
        )
        self.database.create_table(**events_table(EVENTS))
        self.database.create_table(**catalogue_table(CATALOGUE))
        self.stream = EventStream(self.world, LANES, BATCH)
        self.ledger.observers.append(self.stream.append)

    def run(self) -> Outcome:
        """Run to the end, or to the first violation."""
        violation = None
        self._populate()
        try:
            self.world.run()
        except Violation as broken:
            violation = str(broken)
        world = self.world
        trace = tuple(f"{at:12.6f} {name:12} {what}" for at, name, what in world.trace)
        return Outcome(
            self.seed,
            world.operations,
            sum(log.version for log in self.ledger.logs.values()),
            self.rebuilds,
            len(self.stream.dead_letters),
            world.now,
            world.digest(),
            violation,
            trace,
        )

    # --- actors -----------------------------------------------------------------------------------

    def _populate(self) -> None:
        world = self.world
        shared = [self._supervised(mortality=1.0) for _ in range(3)]
        for number in range(COMMANDERS):
            process = shared[number % len(shared)]
            name = f"client-{number}"
            commander = Commander(name, world, self.ledger, process, self.known)
            world.spawn(name, partial(self._live, commander.step))
        for number in range(READERS):
            process = self._supervised(mortality=0.0)
            reader = Reader(world, self.ledger, process, self.known)
            self.readers.append(reader)
            world.spawn(f"reader-{number}", partial(self._live, reader.step))
        for lane in self.stream.lanes:
            process = self._supervised(mortality=1.0)
            world.spawn(lane.name, partial(self._work, lane, process))
        world.spawn("rebuilder", self._rebuild_often)
        world.spawn("weather", self._long_outage if self.outage_hours else self._change_weather)
        world.spawn("deployment", self._deploy_often)
        world.spawn("end", self._end)

    def _supervised(self, mortality: float) -> Supervised:
        process = Supervised(lambda: self._process(mortality))
        self.processes.append(process)
        return process

    def _process(self, mortality: float) -> Process:
        client = Client(self.world, self.database, self.weather, mortality)
        ahead = self.world.random.gauss(0.0, 0.5)
        return Process(self.world, self.world.random.choice(self.releases), client, ahead)

    def _live(self, step: Callable[[], None]) -> None:
        while not self.is_quiet:
            self.world.sleep(self.pace * self.world.random.expovariate(1.0))
            step()

    def _work(self, lane: Lane, process: Supervised) -> None:
        def invoke(event: Mapping[str, Any]) -> Mapping[str, Any]:
            try:
                return process.current().project(event)
            except Killed:
                process.replace()
                raise

        self.stream.poll(lane, invoke, lambda: self.is_over)

    def _rebuild_often(self) -> None:
        while not self.world.is_calm:
            self.world.sleep(250.0 * self.world.random.expovariate(1.0))
            if not self.world.is_calm:
                self._rebuild()

    def _rebuild(self) -> None:
        """Rebuild; a rebuild that is killed, or finds the store unavailable, is begun again."""
        while True:
            try:
                self._process(mortality=0.15).rebuild()
            except (Killed, StoreUnavailable) as error:
                self.world.note(f"rebuild ended: {error!r}")
                self.world.sleep(5.0 * self.world.random.random())
            else:
                self.rebuilds += 1
                return

    # --- what happens to them ---------------------------------------------------------------------

    def _delay(self) -> float:
        """Return how long a read lags: milliseconds, and once in a while seconds."""
        random = self.world.random.random
        if self.world.is_calm:
            return 0.001
        number = random()
        return 5.0 * random() if number < 0.02 else 0.05 * number

    def _change_weather(self) -> None:
        world, weather = self.world, self.weather
        while not world.is_calm:
            self.pace, seconds = world.random.choice(PACES)
            world.sleep(seconds * world.random.random())
            if world.chance(0.1):
                world.random.choice(self.processes).current().ahead = world.random.choice(JUMPS)
            if world.chance(0.2):
                table = world.random.choice((EVENTS, CATALOGUE, CATALOGUE))
                minutes = world.random.choice(
                    (0.1, 1.0, 10.0) if table == CATALOGUE else (0.1, 0.5)
                )
                weather.unreachable = world.chance(0.5)
                weather.only_hot = world.chance(0.5)
                weather.outages[table] = world.now + 60.0 * minutes
                world.note(f"{table} is unavailable for {minutes} minutes")

    def _long_outage(self) -> None:
        world = self.world
        while world.operations < self.budget / 3:
            world.sleep(1.0)
        self.pace = LONG_PACE
        over = world.now + 3_600.0 * self.outage_hours
        self.weather.outages[CATALOGUE] = over
        world.sleep(over - world.now)
        self.pace = 1.0
        self.outage_hours = 0.0

    def _deploy_often(self) -> None:
        """Deploy the next release, roll it back, and deploy it again, while all else goes on."""
        world = self.world
        while not world.is_calm:
            world.sleep(600.0 * world.random.random())
            if not world.is_calm:
                self._deploy(world.random.choice((BADGES, NEXT)))
        self._deploy(NEXT)
        self.is_deployed = True

    def _deploy(self, release: AnyDomain) -> None:
        """Replace each process by one of ``release``, one after the other."""
        self.world.note(f"deployment of {'NEXT' if release is NEXT else 'BADGES'}")
        self.releases = (*self.releases[-1:], release)
        for process in self.processes:
            process.replace()
            self.world.sleep(10.0 * self.world.random.random())
        self.releases = (release,)
        for process in self.processes:
            process.replace()

    # --- the end ----------------------------------------------------------------------------------

    def _end(self) -> None:
        world = self.world
        while world.operations < self.budget or self.outage_hours:
            world.sleep(1.0)
        self._heat()
        world.is_calm = True
        world.note("the faults are over")
        self.pace = 30.0
        while not self.is_deployed:
            world.sleep(1.0)
        # Streams that were set aside are retried when records come.
        world.sleep(2 * RETRY_EVERY_SECONDS)
        self.is_quiet = True
        world.sleep(SETTLE_SECONDS)
        while not self.stream.is_drained:
            world.sleep(1.0)
        world.sleep(SETTLE_SECONDS)
        if not self.stream.dead_letters:
            self._check(most_left=MOST_LEFT)
        self._rebuild()
        self._check()
        self.is_over = True

    def _heat(self) -> None:
        """Have a hot partition as the last of the faults, so that no rebuild hides what it left."""
        self.weather.only_hot = True
        self.weather.outages[CATALOGUE] = self.world.now + HOT_SECONDS
        self.pace = 1.0
        self.world.sleep(HOT_SECONDS)

    def _check(self, most_left: int = 0) -> None:
        """Check what must hold once nothing is under way."""
        if self.stream.lost:
            raise self.world.fail(f"the stream forgot {self.stream.lost}")
        check_catalogue(self.world, self.ledger, self.database, most_left)
        self.world.sleep(SETTLE_SECONDS)
        for reader in self.readers:
            reader.check_everything()


def simulate(seed: int, operations: int, outage_hours: float = 0.0) -> Outcome:
    """Run a simulation. The adapters' jitter comes from Python's shared generator: it is seeded."""
    seed_jitter(seed)
    return Simulation(seed, operations, outage_hours).run()
