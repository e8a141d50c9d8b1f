"""``make integration-events``: the public messages of the log on this machine, as they come.

They are CloudEvents: lines on standard output, or in FILE, or requests to URL. With FILE or URL it
goes on where it was stopped; on standard output it begins with the first event each time. ONCE=1
ends it when there is nothing more. What it has to say is on standard error.

STORE says which log: SQLite's, or the stream of a DynamoDB on this machine.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from apps.local.credentials import missing_credentials
from apps.local.feed import Feed, follow_log, follow_stream
from apps.local.feed_targets import Lines, Webhook, open_file
from core.bootstrap import process, publication, stores, stream
from core.config import ConfigurationError, Store
from core.ports.errors import StoreUnavailable
from core.ports.messages import Bus

IDLE_SECONDS: Final = 0.2
MAX_PAUSE_SECONDS: Final = 5.0


def main() -> None:
    """Follow the log until SIGINT or SIGTERM. Exit with 1 and the cause when it cannot begin."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        os.environ.update(missing_credentials(process.settings(), os.environ))  # boto3 reads it
        _run(dict(os.environ), stopped)
    except BrokenPipeError:  # as of `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ConfigurationError, ValueError, OSError) as problem:
        sys.exit(f"integration-events: {problem}")
    except (StoreUnavailable, BotoCoreError, ClientError) as problem:
        sys.exit(f"integration-events: {str(problem).rstrip('.')}. Run it again to continue.")


def _run(environment: Mapping[str, str], stopped: Event) -> None:
    is_once = environment.get("ONCE") == "1"

    def wait(failures: int) -> bool:
        if failures:
            stopped.wait(min(0.1 * 2.0**failures, MAX_PAUSE_SECONDS))
        return not stopped.is_set()

    def idle() -> bool:
        return not is_once and not stopped.wait(IDLE_SECONDS)

    bus, checkpoint = _target(environment)
    feed = Feed(publication.translator().messages, bus, _say, wait)
    start = (stores.read_model().checkpoint(checkpoint) if checkpoint else None) or None
    log = stores.ordered_log()
    if log is not None:
        follow_log(feed, log.follow, start, partial(_save, checkpoint), idle)
        return
    from apps.local.dynamodb import stream_reader

    reader = stream_reader(process.settings())
    reader.resume(json.loads(start or "{}"))

    def save() -> None:
        _save(checkpoint, json.dumps(reader.positions()))

    follow_stream(feed, reader.batches, stream.decoded_image, save, idle)


def _target(environment: Mapping[str, str]) -> tuple[Bus, str | None]:
    """Return where messages go, and the name of its checkpoint, None where there is none."""
    file, url = environment.get("FILE"), environment.get("URL")
    if file and url:
        raise ConfigurationError("FILE and URL cannot both be set")
    if process.settings().store is Store.MEMORY:
        raise ConfigurationError("STORE must be sqlite or dynamodb, not memory")
    if url:
        return Webhook(url), f"integration-events {url}"
    if not file:
        return Lines(sys.stdout.buffer, is_file=False), None
    path = Path(file).absolute()
    out = open_file(path)
    # What a file of that name had before it was removed is in no file now.
    if out.tell() == 0:
        stores.read_model().save_checkpoint(f"integration-events {path}", "")
    return Lines(out, is_file=True), f"integration-events {path}"


def _save(checkpoint: str | None, position: str) -> None:
    if checkpoint:
        stores.read_model().save_checkpoint(checkpoint, position)


def _say(line: str) -> None:
    print(f"integration-events: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
