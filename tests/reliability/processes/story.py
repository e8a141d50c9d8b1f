"""Small histories for the tests of the checks: right ones, to be made wrong in one respect."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.reliability.processes.history import (
    History,
    LoggedEvent,
    Operation,
    Outcome,
    Run,
    digest,
)
from tests.reliability.processes.ledger import fold

SEA: Final = {"title": "The Sea", "authors": ["Iris Murdoch"]}
_TYPES: Final = {"add": "BookAdded", "revise": "BookRevised", "remove": "BookRemoved"}


@dataclass
class Story:
    """One operation after the other, a second each. A command that is logged is one event."""

    now: float = 0.0
    operations: list[Operation] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)

    @property
    def history(self) -> History:
        return History(Run("sqlite", 1, 10.0), self.operations, [], self.events)

    def command(
        self,
        kind: str,
        book: str = "sea",
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        if_match: int | None = None,
        outcome: Outcome = Outcome.OK,
        status: int = 200,
        logged: bool | None = None,
        response: Mapping[str, Any] | None = None,
    ) -> Operation:
        """Tell of a command. It is logged if it is acknowledged, unless ``logged`` says else."""
        correlation_id = f"c{len(self.operations)}"
        if logged is None:
            logged = outcome is Outcome.OK
        if logged:
            self._log(kind, book, body, correlation_id)
        version = len([e for e in self.events if e.stream == book])
        acknowledged = {
            "id": book,
            "version": version,
            "etag": f'"{version}"',
            "replayed": not logged and key is not None,
        }
        request = {
            "book": None if kind == "add" else book,
            "body": body,
            "key": key,
            "if_match": if_match,
            "subject": "anna",
            "correlation_id": correlation_id,
        }
        default = acknowledged if outcome is Outcome.OK else {"type": "problem"}
        return self._tell(kind, request, outcome, status, {**default, **(response or {})})

    def _log(
        self, kind: str, book: str, body: Mapping[str, Any] | None, correlation_id: str
    ) -> None:
        data: Mapping[str, Any]
        match kind:
            case "add":
                data = {"details": body}
            case "revise":
                data = {"changes": body}
            case _:
                data = {}
        version = 1 + len([e for e in self.events if e.stream == book])
        at = f"2026-01-01T00:00:{len(self.events):02d}.000000Z"
        identity = f"e{len(self.events)}"
        self.events.append(
            LoggedEvent(book, version, identity, _TYPES[kind], data, at, correlation_id)
        )

    def get(
        self,
        book: str = "sea",
        *,
        version: int | None = None,
        min_version: int = 0,
        client: str = "anna",
        status: int = 200,
        **changes: Any,
    ) -> Operation:
        """Tell of a read that shows ``version``, the newest by default."""
        shown = self.view(book, version) if status == 200 else {"type": "no-such-book"}
        outcome = {200: Outcome.OK, 404: Outcome.REFUSED}.get(status, Outcome.UNKNOWN)
        request = {"book": book, "min_version": min_version, "if_none_match": 0}
        return self._tell("get", request, outcome, status, {**shown, **changes}, client)

    def page(
        self,
        *books: tuple[str, int],
        walk: str = "w",
        more: bool = False,
        client: str = "anna",
        parameters: Mapping[str, str] | None = None,
    ) -> Operation:
        """Tell of a page of a listing with ``books`` at their versions."""
        items = []
        for book, version in books:
            view = {k: v for k, v in self.view(book, version).items() if k != "description"}
            items.append([book, version, digest(view)])
        request = {"walk": walk, "number": 0, "parameters": dict(parameters or {})}
        return self._tell("page", request, Outcome.OK, 200, {"items": items, "more": more}, client)

    def history_page(self, versions: range, book: str = "sea") -> Operation:
        """Tell of a history that has ``versions`` and no more."""
        stored = {e.version: e.event_id for e in self.events if e.stream == book}
        events = [[version, stored[version]] for version in versions]
        request = {"walk": "h", "number": 0, "book": book}
        return self._tell("history", request, Outcome.OK, 200, {"events": events, "more": False})

    def as_of(self, instant: str, version: int, book: str = "sea") -> Operation:
        """Tell of a read as of ``instant`` that shows ``version``."""
        request = {"book": book, "instant": instant}
        return self._tell("as_of", request, Outcome.OK, 200, self.view(book, version))

    def view(self, book: str, version: int | None = None) -> dict[str, Any]:
        """Return what a read of a book at ``version`` shows."""
        states = fold([e for e in self.events if e.stream == book])
        number = len(states) - 1 if version is None else version
        view = states[number].view(book, number)
        assert view is not None
        return dict(view)

    def change(self, number: int, **changes: Any) -> None:
        """Change an operation of the story, such as its times."""
        self.operations[number] = replace(self.operations[number], **changes)

    def change_event(self, number: int, **changes: Any) -> None:
        """Change an event of the log."""
        self.events[number] = replace(self.events[number], **changes)

    def _tell(
        self,
        kind: str,
        request: Mapping[str, Any],
        outcome: Outcome,
        status: int,
        response: Mapping[str, Any],
        client: str = "anna",
    ) -> Operation:
        operation = Operation(
            client, "query-0", kind, request, self.now, self.now + 0.5, outcome, status, response
        )
        self.now += 1.0
        self.operations.append(operation)
        return operation
