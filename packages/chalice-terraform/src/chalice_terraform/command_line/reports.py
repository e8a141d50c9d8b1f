"""What the command reports: text for people, or one JSON document for programs.

docs/report.md describes the document. A change that a program could stumble over, any but another
member of an object, gives it a new version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import chalice_terraform
from chalice_terraform.command_line.files import STANDARD_OUTPUT
from chalice_terraform.merging.model import JsonObject, Problem, in_apps
from chalice_terraform.merging.notes import AppliedNote
from chalice_terraform.merging.report import Entry, Report

VERSION = 1

_EVENT_SOURCES = (
    "aws_cloudwatch_event_rule.",
    "aws_lambda_event_source_mapping.",
    "aws_s3_bucket_notification.",
    "aws_sns_topic_subscription.",
)


@dataclass(frozen=True)
class Written:
    """A file of the stack, and whether it was written, because it had another content."""

    file: str
    changed: bool

    def __str__(self) -> str:
        """Return the line that says so."""
        return f"{'wrote' if self.changed else 'unchanged:'} {self.file}"


def human(report: Report, written: Sequence[Written]) -> Iterator[str]:
    """Yield the lines of a merge that succeeded; if all files were right already, those alone."""
    for each in written:
        if each.file == STANDARD_OUTPUT:
            continue
        yield str(each)
    if not any(each.changed for each in written):
        return
    for app in report.apps:
        counts = _counts([entry for entry in report.entries if entry.app == app])
        counted = [_count(name, number) for name, number in counts.items() if number]
        yield f"  {app}: {', '.join(counted) or 'nothing'}"
    for applied in report.notes:
        concerned = f"{in_apps(*applied.apps)}: " if applied.apps != report.apps else ""
        yield f"note: {concerned}{applied.note.text}"
    for note in report.migration:
        yield f"migration: {note}"


def as_json(
    problems: Sequence[Problem] = (),
    report: Report | None = None,
    written: Sequence[Written] = (),
) -> str:
    """Return the document of a merge: with its problems, or with its report and files."""
    entries = report.entries if report else ()
    document: JsonObject = {
        "version": VERSION,
        "chalice_terraform": chalice_terraform.__version__,
        "files": [{"file": each.file, "changed": each.changed} for each in written],
        "problems": [_problem(problem) for problem in problems],
        "apps": [
            {"name": app, **_counts([entry for entry in entries if entry.app == app])}
            for app in (report.apps if report else ())
        ],
        "notes": [_note(applied) for applied in (report.notes if report else ())],
        "migration": [_problem(note) for note in (report.migration if report else ())],
        "dropped": [_problem(loss) for loss in (report.dropped if report else ())],
        "resources": [_entry(entry) for entry in entries],
        "added": [
            {"address": addition.address, "why": addition.why}
            for addition in (report.additions if report else ())
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _problem(problem: Problem) -> JsonObject:
    return {
        "apps": list(problem.where.apps),
        "where": problem.where.thing,
        "what": problem.reason,
        "remedy": problem.remedy,
        "drop": problem.drop or None,
    }


def _note(applied: AppliedNote) -> JsonObject:
    note = applied.note
    return {
        "name": note.name,
        "apps": list(applied.apps),
        "text": note.text,
        "source": note.source,
    }


def _entry(entry: Entry) -> JsonObject:
    return {
        "app": entry.app,
        "kind": entry.kind,
        "source": entry.thing,
        "outcome": entry.outcome,
        "stack": list(entry.addresses),
        "changed": list(entry.arguments),
        "dropped": list(entry.dropped),
        "why": entry.why,
    }


def _counts(entries: Sequence[Entry]) -> dict[str, int]:
    """Return how much an app has of what its author knows by name."""
    names = [entry.thing for entry in entries if entry.kind == "resource"]
    kinds = [entry.kind for entry in entries]
    return {
        "functions": sum(name.startswith("aws_lambda_function.") for name in names),
        "routes": kinds.count("route"),
        "authorizers": kinds.count("authorizer"),
        "event_sources": sum(name.startswith(_EVENT_SOURCES) for name in names),
    }


def _count(name: str, number: int) -> str:
    words = name.replace("_", " ")
    return f"{number} {words if number != 1 else words[:-1]}"
