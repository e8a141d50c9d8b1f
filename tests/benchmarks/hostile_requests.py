"""The processor time of the worst requests that a client can send, in milliseconds.

    python -m tests.benchmarks.hostile_requests

Both services run in this process, on a catalogue of the largest books in SQLite. Each request is
sent several times; shown are its status and the least time taken. Bodies have up to 64 KB, and the
query or a header up to 60 KB, which is six times what API Gateway lets through.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from core.adapters.http.requests import MAX_BODY_BYTES
from core.bootstrap import stores
from core.domain.details import BookDetails
from core.domain.events import BookAdded
from tests.support.api import JSON, MERGE_PATCH, UNKNOWN, Api, load_app
from tests.support.books import envelope
from tests.support.example import BOOKS
from tests.support.gateway import AUDIENCE, Caller, Gateway, Headers, HttpResponse
from tests.support.identity import running_identity

LARGE = 60_000
LARGEST_BOOKS = 120
REVISIONS = 100
LIGATURE = "\ufdfa"
"""Decomposes to 18 characters, more than any other."""

Request = Callable[[], HttpResponse]


def marks(count: int) -> str:
    """Return combining marks in the order that normalisation takes longest to put right."""
    return "".join(mark * (count // 4) for mark in "\u0345\u0301\u0316\u0334")


def largest_book(number: int) -> dict[str, Any]:
    """Return a valid book of about the size of the largest body."""
    return {
        "title": f"{number} " + LIGATURE * 490,
        "authors": [f"{number} {author} " + LIGATURE * 185 for author in range(20)],
        "subjects": [f"{number} {subject} " + LIGATURE * 90 for subject in range(20)],
        "description": f"{number} " + "é" * 18_000,
    }


def bodies() -> dict[str, bytes]:
    """Return the bodies that are hard to read or to check."""
    whole = {"title": "Emma", "authors": ["Jane Austen"]}

    def book(**fields: Any) -> bytes:
        given = {**whole, **fields}
        return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()

    return {
        "the largest book": book(**largest_book(0)),
        "a title of marks": book(title="e" + marks(LARGE // 2)),
        "a description of marks": book(description="e" + marks(LARGE // 2)),
        "a description of escaped marks": json.dumps(
            {**whole, "description": marks(LARGE // 6)}
        ).encode(),
        "a description of 20,000 marks": book(description="e" + marks(19_999)),
        "a description of runs of 28 marks": book(description=("e" + marks(28)) * 680),
        "a description of ligatures": book(description=LIGATURE * 20_000),
        "authors of marks": book(authors=["e" + marks(196) + str(n) for n in range(50)]),
        "a title of 60,000 letters": book(title="x" * LARGE),
        "30,000 numbers as authors": book(authors=[1] * (LARGE // 2)),
        "20,000 authors that are empty": book(authors=[""] * (LARGE // 3)),
        "10,000 authors": book(authors=[chr(0x4E00 + n) for n in range(LARGE // 6)]),
        "8,000 unknown fields": book(**{f"{n:x}": 1 for n in range(LARGE // 8)}),
        "an ISBN of digits": book(isbn="9" * LARGE),
        "an ISBN of hyphens": book(isbn="-" * LARGE),
        "a language of variants": book(language="en" + "-abcde" * (LARGE // 6) + "!"),
        "a language of extensions": book(language="en" + "-a-bc" * (LARGE // 5) + "!"),
        "a date of digits": book(published="1" * LARGE),
        "lists in lists": b"[" * LARGE,
        "objects in objects": b'{"a":' * (LARGE // 5),
        "32 levels, and wide": b'{"a":' * 30 + b"[" + b"[]," * (LARGE // 4) + b"[]]" + b"}" * 30,
        "an integer of 60,000 digits": b"9" * LARGE,
        "integers of 4,300 digits": b"[" + b",".join([b"9" * 4_300] * 14) + b"]",
        "a fraction of 60,000 digits": b"0." + b"1" * LARGE,
        "a name twice": b"{" + b'"a":1,' * (LARGE // 6) + b'"a":1}',
        "text that is not UTF-8": b'"' + b"\xff" * LARGE + b'"',
        "too many octets": b'"' + b"x" * MAX_BODY_BYTES + b'"',
    }


def queries() -> dict[str, str]:
    """Return the queries of a listing that are hard to read or to follow."""
    names = {
        "all of the largest books": "limit=100",
        "a word of all of them": "limit=100&q=" + quote("صلى"),
        "words that many have": "limit=100&q=" + quote("الله صلى عليه وسلم ") * 10 + "zzz",
        "q of marks": "q=" + quote("e" + marks(499)),
        "q of ligatures": "q=" + quote(LIGATURE * 500),
        "q of 250 words": "q=" + quote(" ".join(chr(0x4E00 + n) for n in range(250))),
        "q of 60,000 letters": "q=" + "x" * LARGE,
        "an author of marks": "author=" + quote("e" + marks(LARGE // 6)),
        "an author of ligatures": "author=" + quote(LIGATURE * 200),
        "an ISBN of digits": "isbn=" + "9" * LARGE,
        "an ISBN of hyphens": "isbn=" + "-" * LARGE,
        "a language of 60,000 letters": "language=" + "x" * LARGE,
        "a cursor of lists": "cursor=" + "W1tb" * (LARGE // 4),
        "a cursor of digits": "cursor=" + "OTk5" * (LARGE // 4),
        "a limit of digits": "limit=" + "9" * LARGE,
        "unknown parameters": "&".join(f"p{n}=1" for n in range(LARGE // 8)),
        "one parameter, repeated": "&".join(["q=a"] * (LARGE // 4)),
    }
    return {name: f"?{query}" for name, query in names.items()}


def headers() -> dict[str, Headers]:
    """Return headers that are hard to read."""
    return {
        "a list of entity tags": {"If-Match": ",".join(['"1"'] * (LARGE // 4))},
        "a list of commas": {"If-Match": '"1"' + " ," * (LARGE // 2) + "x"},
        "one long entity tag": {"If-Match": '"' + "x" * LARGE},
        "a long Idempotency-Key": {"Idempotency-Key": "x" * LARGE},
        "a long correlation id": {"X-Correlation-Id": "x" * LARGE},
        "a long content type": {"Content-Type": "application/json;" + "charset=;" * (LARGE // 9)},
    }


def tokens() -> dict[str, str]:
    """Return what may stand for a token."""
    return {
        "a long token": "x" * LARGE,
        "a token of dots": "." * LARGE,
        "a token of lists": "W1tb" * (LARGE // 4) + ".e30.x",
    }


def requests(api: Api, caller: Caller, stored: str, marked: str) -> Iterator[tuple[str, Request]]:
    """Yield every request with its name; ``stored`` and ``marked`` are books."""

    def send(
        method: str,
        path: str,
        given: Headers,
        body: bytes | None = None,
        by: Caller | None = caller,
    ) -> Request:
        target = f"{BOOKS}{path}"
        return lambda: api.gateway.send(method, target, headers=given, body=body, caller=by)

    for name, body in bodies().items():
        yield f"POST {name}", send("POST", "", JSON, body)
        yield f"PATCH {name}", send("PATCH", f"/{stored}", MERGE_PATCH, body)
    yield "PATCH a book of 20,000 marks", send("PATCH", f"/{marked}", MERGE_PATCH, b'{"isbn":null}')
    for name, given in headers().items():
        yield f"PATCH {name}", send("PATCH", f"/{stored}", {**MERGE_PATCH, **given}, b"{}")
        yield f"DELETE {name}", send("DELETE", f"/{UNKNOWN}", given)
        none_match = {n.replace("If-Match", "If-None-Match"): v for n, v in given.items()}
        yield f"GET one: {name}", send("GET", f"/{stored}", none_match)
    for name, query in queries().items():
        yield f"GET {name}", send("GET", query, {})
    yield "GET the largest book", send("GET", f"/{stored}", {})
    yield "GET a long id", send("GET", "/" + "x" * LARGE, {})
    yield "GET its history", send("GET", f"/{stored}/history?limit=100", {})
    yield "GET as it was", send("GET", f"/{stored}/history?as_of=2999-01-01T00:00:00Z", {})
    yield "GET its history, a long as_of", send("GET", f"/{stored}/history?as_of={'1' * LARGE}", {})
    for name, token in tokens().items():
        given = {**JSON, "Authorization": f"Bearer {token}"}
        yield f"POST {name}", send("POST", "", given, b"{}", by=None)


@contextmanager
def catalogue(settings: Mapping[str, str], caller: Caller) -> Iterator[tuple[Api, str, str]]:
    """Yield both services on a new store, and the ids of a large book and of one full of marks."""
    os.environ.update(settings)
    api = Api(Gateway((load_app("command"), load_app("query"))))
    added = [api.add(largest_book(number), caller=caller) for number in range(LARGEST_BOOKS)]
    assert {response.status for response in added} == {201}, added[0].text
    stored = added[0].json["id"]
    marked = str(uuid4())
    details = BookDetails(title="Emma", authors=("Ann",), description="e" + marks(19_999))
    stores.event_store().append(marked, 0, [envelope(marked, 1, BookAdded(details=details))])
    for number in range(REVISIONS):
        api.revise(stored, largest_book(number + 1), caller=caller)
    started = time.process_time()
    api.project()
    each = 1000 * (time.process_time() - started) / (LARGEST_BOOKS + REVISIONS + 1)
    print(f"{'projecting an event of such books, mean':<50}{'':>5}{each:>9.1f}")
    yield api, stored, marked


def milliseconds(request: Request, times: int) -> tuple[int, float]:
    """Return the status of a request, and the least processor time that it takes."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        status = request().status
        taken.append(1000 * (time.process_time() - started))
    return status, min(taken)


def main() -> None:
    """Measure as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--over", type=float, default=0, help="show no faster ones")
    arguments = parser.parse_args()
    with running_identity() as identity, tempfile.TemporaryDirectory() as folder:
        settings = {
            "STORE": "sqlite",
            "SQLITE_PATH": str(Path(folder) / "books.db"),
            "JWT_ISSUER": identity.issuer,
            "JWT_AUDIENCE": AUDIENCE,
            "LOG_LEVEL": "CRITICAL",
        }
        caller = Caller("ann", issuer=identity.issuer)
        with catalogue(settings, caller) as (api, stored, marked):
            print(f"{'request':<50}{'':>5}{'CPU ms':>9}")
            for name, request in requests(api, caller, stored, marked):
                status, taken = milliseconds(request, arguments.times)
                if taken >= arguments.over:
                    print(f"{name:<50}{status:>5}{taken:>9.1f}", flush=True)


if __name__ == "__main__":
    main()
