"""The command ``chalice-terraform``: its commands, what they print, and their exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chalice_terraform.command_line.arguments import add_merging_options, merging_options
from chalice_terraform.command_line.files import (
    STANDARD_OUTPUT,
    as_text,
    write,
    write_to_standard_output,
)
from chalice_terraform.command_line.templates import TEMPLATE, read_source
from chalice_terraform.merging import MergeError, merge
from chalice_terraform.merging.model import JsonObject, Problem, UsageError, failure


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 for problems, 2 for wrong usage.

    Without ``arguments``, they are those of the process.
    """
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except MergeError as error:
        return _failed(error.problems, 2 if isinstance(error, UsageError) else 1)
    except OSError as error:
        return _failed(failure(str(error.filename), str(error.strerror)).problems, 1)
    return 0


def _failed(problems: Sequence[Problem], code: int) -> int:
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chalice-terraform",
        description="Merge what `chalice package --pkg-format terraform` writes for one or more "
        "apps into one stack for current Terraform.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    _define_merge(commands.add_parser("merge", help="merge apps that are packaged already"))
    return parser


def _define_merge(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_merge)
    parser.description = (
        "Merge the output of `chalice package --pkg-format terraform` for one or more apps into "
        "one Terraform stack: their functions behind one HTTP API."
    )
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="NAME=DIR",
        help=f"an app's name in the stack, and the folder of its {TEMPLATE}",
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE",
        help=f"the file to write, such as terraform/{TEMPLATE}, or - for standard output",
    )
    add_merging_options(parser)


def _merge(given: argparse.Namespace) -> None:
    output = Path(given.output)
    sources = [read_source(argument, output) for argument in given.sources]
    merged = merge(sources, merging_options(given))
    text = as_text(merged)
    if given.output == STANDARD_OUTPUT:
        write_to_standard_output(text)
        _report(merged)
        return
    changed = write(output, text)
    _report(merged)
    print(f"{'wrote' if changed else 'unchanged:'} {given.output}")  # noqa: T201


def _report(merged: JsonObject) -> None:
    for line in merged["//"][2:]:
        print(line, file=sys.stderr)  # noqa: T201
