"""The command line: reads the apps' templates, merges them and writes the result."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from chalice_terraform.command_line.files import as_text, write
from chalice_terraform.merging import MergeError, Options, Source, merge
from chalice_terraform.merging.drops import DROPS
from chalice_terraform.merging.model import in_app

TEMPLATE = "chalice.tf.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 for problems, 2 for wrong usage.

    Without ``arguments``, they are those of the process.
    """
    given = _parser().parse_args(arguments)
    try:
        sources = [_source(argument) for argument in given.sources]
        merged = merge(sources, _options(given))
        changed = write(Path(given.output), as_text(merged))
    except MergeError as error:
        return _failed(error.problems)
    except OSError as error:
        return _failed([f"{error.filename}: {error.strerror}"])
    for line in merged["//"][2:]:
        print(line, file=sys.stderr)  # noqa: T201
    print(f"{'wrote' if changed else 'unchanged:'} {given.output}")  # noqa: T201
    return 0


def _failed(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201
    return 1


def _source(argument: str) -> Source:
    name, separator, directory = argument.partition("=")
    if not separator or not directory:
        raise MergeError([f"{argument}: a source must be NAME=DIR, such as command=build/command"])
    path = Path(directory) / TEMPLATE
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MergeError(
            [
                in_app(
                    name,
                    f"{path} is missing; run chalice package --pkg-format terraform {directory}",
                )
            ]
        ) from None
    except ValueError as error:
        raise MergeError([in_app(name, f"{path} is not JSON: {error}")]) from None
    if not isinstance(template, dict):
        raise MergeError([in_app(name, f"{path} is not a JSON object; package the app again")])
    return Source(name, template)


def _options(given: argparse.Namespace) -> Options:
    audiences: dict[str, list[str]] = {}
    for argument in given.audience:
        name, _, client = argument.partition("=")
        if not name or not client:
            raise MergeError([f"--audience {argument}: it must be AUTHORIZER=CLIENT_ID"])
        audiences.setdefault(name, []).append(client)
    return Options(
        api=given.api,
        payload_format=given.payload_format,
        audiences=audiences,
        allow_drop=frozenset(given.allow_drop),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chalice-terraform",
        description="Merge the output of `chalice package --pkg-format terraform` for one or more "
        "apps into one Terraform stack: container-image functions behind one HTTP API.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="values of --allow-drop:\n"
        + "\n".join(f"  {name:<20} {meaning}" for name, meaning in DROPS.items()),
    )
    add = parser.add_argument
    add(
        "sources",
        nargs="+",
        metavar="NAME=DIR",
        help=f"an app's name in the stack, and the folder of its {TEMPLATE}",
    )
    add(
        "--output",
        required=True,
        metavar="FILE",
        help=f"the file to write, such as terraform/{TEMPLATE}",
    )
    add("--api", default="api", metavar="NAME", help="the HTTP API's name (default: %(default)s)")
    add(
        "--payload-format",
        choices=("1.0", "2.0"),
        default="1.0",
        help="format of the events (default: %(default)s, which Chalice's handlers read)",
    )
    add(
        "--audience",
        action="append",
        default=[],
        metavar="AUTHORIZER=CLIENT_ID",
        help="the id of an app client of a Cognito authorizer, or a Terraform reference to it",
    )
    add(
        "--allow-drop",
        action="append",
        choices=sorted(DROPS),
        default=[],
        metavar="NAME",
        help="accept the loss of a feature that HTTP APIs lack; see below",
    )
    return parser
