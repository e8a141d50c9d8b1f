"""``make export-events`` and ``make import-events``: the log to a file and back.

STORE and the tables' names say which log (core/config.py), FILE the file. An export that is stopped
leaves nothing; an import that is stopped is started again.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from apps.counting import counted
from apps.local.credentials import missing_credentials
from apps.log.checking import Checked, Conflict
from apps.log.exporting import Damaged, write_log
from apps.log.files import lines_of, new_file
from apps.log.importing import import_log
from apps.log.lines import Unusable, header_line
from apps.log.streams import Streams
from core.bootstrap import operations, process
from core.config import ConfigurationError, Settings, Store
from core.domain.manifest import BOOKS
from core.ports.errors import StoreUnavailable
from core.ports.event_store import EventTooLarge, VersionConflict

PROGRESS_EVERY: Final = 10_000

THREADS: Final = 16
"""Streams that are appended at once to DynamoDB, where an append is a request."""

READ_ORDERS: Final = {Store.SQLITE: "appends", Store.DYNAMODB: "streams"}
"""The order in which a log is read: all appends as they were, or those of one stream as they were.
"""


class Refused(Exception):
    """It is not done; ``str()`` says why."""


def export_events(path: Path, settings: Settings) -> None:
    """Write the whole log to a new file. Raises Refused for an empty one."""
    begin, log = time.monotonic(), operations.stored_events().read_all()
    source = _name_of(settings)
    header = header_line(source, READ_ORDERS[settings.store], datetime.now(UTC))
    with closing(Streams()) as streams, new_file(path) as write:
        count = write_log(header, log, write, streams, _shown("events written"))
        if count == 0:
            raise Refused(f"the log of {source} has no events: nothing is written")
    print(f"{path}: {counted(count, 'event')} of {source}, {_speed(count, begin)}.")


def import_events(path: Path, settings: Settings, *, unreadable_too: bool) -> None:
    """Append the events of a file to the log. Raises Refused, ``str()`` of which says why."""

    def agree(checked: Checked) -> None:
        events = counted(checked.events, "event")
        print(f"{path} is whole: {events}, {checked.present:,} of them there.")
        if checked.unreadable and not unreadable_too:
            raise Refused(_not_readable(checked))

    begin = time.monotonic()
    with lines_of(path) as lines:
        imported = import_log(
            lines,
            operations.stored_events(),
            BOOKS,
            agree,
            operations.batch_of_stored_events,
            THREADS if settings.store is Store.DYNAMODB else 1,
            _shown("events appended"),
        )
    speed = _speed(imported.events, begin)
    print(f"{counted(imported.events, 'event')} appended to {_name_of(settings)}, {speed}.")
    if imported.unclaimed:
        raise Refused(_not_claimed(imported.unclaimed))
    print("`make rebuild` makes the read model of them.")


def _not_readable(checked: Checked) -> str:
    head = f"this version of the code cannot read {checked.unreadable:,} of the events:"
    remedy = (
        "Nothing is imported: import with the version of the code that wrote them. With"
        " UNREADABLE=1 they are imported too, and their streams claim what they held before."
    )
    return "\n".join([head, *(f"  {line}" for line in checked.named), remedy])


def _not_claimed(lines: list[str]) -> str:
    head = "all events are imported, but two streams hold what only one may:"
    remedy = (
        "The log was exported while they were written. Take the value from both, and give it to"
        " one again."
    )
    return "\n".join([head, *(f"  {line}" for line in lines), remedy])


def _name_of(settings: Settings) -> str:
    match settings.store:
        case Store.DYNAMODB:
            return f"the table {settings.events_table}"
        case Store.SQLITE:
            return str(settings.sqlite_path)
        case _:
            raise ConfigurationError(f"STORE={settings.store} keeps no log")


def _shown(what: str) -> Callable[[int], None]:
    def show(count: int) -> None:
        if count % PROGRESS_EVERY == 0:
            print(f"{count:,} {what}", flush=True)

    return show


def _speed(count: int, begin: float) -> str:
    elapsed = time.monotonic() - begin
    return f"in {elapsed:,.1f} s ({count / elapsed if elapsed else 0:,.0f} a second)"


def main() -> None:
    """Export or import, as the argument says. Exit with 1 and the cause."""
    wanted = sys.argv[1]
    try:
        settings = process.settings()
        os.environ.update(missing_credentials(settings, os.environ))  # boto3 reads it
        _run(wanted, settings, os.environ)
    except ConfigurationError as error:
        sys.exit(f"{wanted}-events: {error}.")
    except (Refused, Damaged, Conflict, EventTooLarge) as error:
        sys.exit(f"{wanted}-events: {error}")
    except Unusable as error:
        sys.exit(f"{wanted}-events: {os.environ['FILE']}: {error}.")
    except VersionConflict as error:
        sys.exit(f"{wanted}-events: others write to the log: {error}. Stop them, and run it again.")
    except OSError as error:
        sys.exit(f"{wanted}-events: {os.environ['FILE']}: {error}.")
    except StoreUnavailable as error:
        sys.exit(f"{wanted}-events: {str(error).rstrip('.')}. Run it again{_how(wanted)}.")
    except KeyboardInterrupt:
        sys.exit(f"\n{wanted}-events: stopped. Run it again{_how(wanted)}.")


def _how(wanted: str) -> str:
    return " to continue" if wanted == "import" else ": it begins again"


def _run(wanted: str, settings: Settings, environment: Mapping[str, str]) -> None:
    if not environment.get("FILE"):
        raise ConfigurationError(f"name a file: make {wanted}-events FILE=events.ndjson.gz")
    _name_of(settings)
    path = Path(environment["FILE"])
    if wanted == "export":
        export_events(path, settings)
    else:
        import_events(path, settings, unreadable_too=environment.get("UNREADABLE") == "1")


if __name__ == "__main__":
    main()
