"""``make verify`` and ``make reproject``: which views are stale, and one made again from the log.

STORE and the tables' names say where (core/config.py). ``verify`` reads the whole log and asks for
the version of each view; with REPAIR=1 it projects the streams whose views are stale.
``reproject`` does that for the one that ID names. Safe to stop and to start again.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from apps.counting import counted
from apps.local.credentials import missing_credentials
from apps.views.verifying import MAX_DIFFERENCES, Difference, TooManyDifferences, verify
from core.application.projection import CannotProject
from core.application.reprojecting import NotRepaired
from core.bootstrap import operations, process, stores
from core.config import ConfigurationError, Settings, Store
from core.ports.catalogue import UnreadableView
from core.ports.decider import ImpossibleHistory
from core.ports.errors import StoreUnavailable, UnknownEvent

THREADS: Final = 16
"""Views that are asked for at once in DynamoDB, where each is a request."""

PROGRESS_EVERY: Final = 10_000

MAX_NAMED: Final = 100

REBUILD: Final = "`make rebuild` replaces all views."

_NEEDS_A_REBUILD: Final = (NotRepaired, UnreadableView)
_CANNOT_BE_APPLIED: Final = (CannotProject, ImpossibleHistory, UnknownEvent)


class Failed(Exception):
    """It ends with 1; ``str()`` says why."""


def main() -> None:
    """Verify or reproject, as the argument says. Exit with 1 and the cause."""
    wanted = sys.argv[1]
    try:
        settings = process.settings()
        os.environ.update(missing_credentials(settings, os.environ))  # boto3 reads it
        _run(wanted, settings, os.environ)
    except (ConfigurationError, Failed) as error:
        sys.exit(f"{wanted}: {error}")
    except StoreUnavailable as error:
        sys.exit(f"{wanted}: {str(error).rstrip('.')}. Run it again.")
    except KeyboardInterrupt:
        sys.exit(f"\n{wanted}: stopped. Run it again.")


def _run(wanted: str, settings: Settings, environment: Mapping[str, str]) -> None:
    if wanted == "reproject":
        _reproject(environment.get("ID"))
    else:
        threads = THREADS if settings.store is Store.DYNAMODB else 1
        _verify(threads, repair=environment.get("REPAIR") == "1")


def _reproject(stream: str | None) -> None:
    if not stream:
        raise ConfigurationError("name a stream: make reproject ID=...")
    try:
        print(repaired(stream))
    except _NEEDS_A_REBUILD as error:
        raise Failed(f"{str(error).rstrip('.')}. {REBUILD}") from error
    except _CANNOT_BE_APPLIED as error:
        raise Failed(str(error)) from error


def repaired(stream: str) -> str:
    """Reproject a stream and return a line about it. Raises what ``reproject`` does."""
    done = operations.reproject(stream)
    before = " and ".join(str(version) if version else "missing" for version in done.before)
    return f"{stream}: the view is at version {done.version}. Before: {before}."


def _verify(threads: int, *, repair: bool) -> None:
    def show(events: int) -> None:
        if events % PROGRESS_EVERY == 0:
            print(f"{events:,} events read", flush=True)

    try:
        verified = verify(operations.stored_events(), stores.read_model().live(), threads, show)
    except TooManyDifferences:
        many = f"more than {MAX_DIFFERENCES:,} views are not at the version of the log."
        raise Failed(f"{many} {REBUILD}") from None
    whole = f"{counted(verified.streams, 'stream')} ({counted(verified.events, 'event')})"
    left = _repair(verified.differences) if repair else verified.differences
    if not left:
        print(f"The views of {whole} are at the versions of the log.")
        return
    aside = {each.stream: each.reason for each in stores.read_model().aside()}
    head = f"of {whole}, {counted(len(left), 'view')} not at the version of the log:"
    lines = [f"  {each}{_why(aside.get(each.stream))}" for each in left[:MAX_NAMED]]
    if len(left) > MAX_NAMED:
        lines.append(f"  ... and {len(left) - MAX_NAMED:,} more")
    raise Failed("\n".join([head, *lines, *_remedies(left, aside, repair=repair)]))


def _repair(differences: Sequence[Difference]) -> list[Difference]:
    """Reproject what is stale; return what is left."""
    left = []
    for each in differences:
        if not each.is_stale:
            left.append(each)
            continue
        try:
            print(repaired(each.stream))
        except (*_NEEDS_A_REBUILD, *_CANNOT_BE_APPLIED) as error:
            print(f"{each.stream}: {error}")
            left.append(each)
    return left


def _why(reason: str | None) -> str:
    return "" if reason is None else f" (set aside: {reason})"


def _remedies(
    left: Sequence[Difference], aside: Mapping[str, str], *, repair: bool
) -> Iterator[str]:
    others = [each for each in left if each.stream not in aside]
    if any(each.is_stale for each in others) and not repair:
        yield "`make verify REPAIR=1` projects those that are behind."
    if any(not each.is_stale for each in others) or (others and repair):
        yield REBUILD
    if len(others) < len(left):
        yield "What is set aside heals with a version of the code that can apply its events."


if __name__ == "__main__":
    main()
