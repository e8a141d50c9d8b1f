"""The command ``chalice-terraform``: its commands, what they print, and their exit codes."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chalice_terraform.command_line.arguments import add_merging_options, merging_options
from chalice_terraform.command_line.dockerfile import MARK, as_dockerfile, read_recipe
from chalice_terraform.command_line.files import (
    STANDARD_OUTPUT,
    as_text,
    write,
    write_all,
    write_to_standard_output,
)
from chalice_terraform.command_line.packaging import (
    Environment,
    chalice_version,
    find_chalice,
    package,
)
from chalice_terraform.command_line.projects import find_projects
from chalice_terraform.command_line.reports import Written, as_json, human
from chalice_terraform.command_line.templates import TEMPLATE, read_source
from chalice_terraform.merging import MergeError, Options, merge_and_report, shared_template
from chalice_terraform.merging.merge import check
from chalice_terraform.merging.model import JsonObject, Problem, UsageError, Where, failure
from chalice_terraform.merging.report import Report

_SUFFIX = ".tf.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 for problems, 2 for wrong usage.

    Without ``arguments``, they are those of the process.
    """
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.format == "json" and given.output == STANDARD_OUTPUT:
        parser.error("--format json writes its report to standard output; give --output a file")
    try:
        given.run(given, dict(os.environ))
    except MergeError as error:
        code = 2 if isinstance(error, UsageError) else 1
        return _failed(given.format, error.problems, code)
    except OSError as error:
        return _failed(given.format, failure(str(error.filename), str(error.strerror)).problems, 1)
    return 0


def _failed(form: str, problems: Sequence[Problem], code: int) -> int:
    if form == "json":
        write_to_standard_output(as_json(problems))
    else:
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
    _define_package(commands.add_parser("package", help="package apps with Chalice, and merge"))
    _define_dockerfile(
        commands.add_parser("dockerfile", help="write a Dockerfile for an app of images")
    )
    return parser


def _define_merge(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_merge)
    parser.description = (
        "Merge the output of `chalice package --pkg-format terraform` for one or more apps into "
        "one Terraform stack."
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
    _add_shared(parser)
    add_merging_options(parser)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--shared",
        metavar="FILE",
        help="for several outputs in one Terraform module: write what the module can have only "
        "once to this file, which all of them share",
    )


def _options(given: argparse.Namespace, output: Path) -> Options:
    """Return the options of a merge whose template is written to ``output``."""
    if given.shared is not None and os.path.realpath(given.shared) == os.path.realpath(output):
        raise UsageError([Problem(Where((), "--shared"), "it must be another file than --output")])
    return replace(merging_options(given), separate_shared=given.shared is not None)


def _write_shared(given: argparse.Namespace) -> Sequence[Written]:
    return [] if given.shared is None else [_write(given.shared, shared_template())]


def _merge(given: argparse.Namespace, _: Environment) -> None:
    output = Path(given.output)
    options = _options(given, output)
    sources = [read_source(argument, output) for argument in given.sources]
    merged = merge_and_report(sources, options)
    written = [*_write_shared(given), _write(given.output, merged.template)]
    _succeeded(given.format, merged.report, written)


def _write(path: str, template: JsonObject) -> Written:
    text = as_text(template)
    if path == STANDARD_OUTPUT:
        write_to_standard_output(text)
        return Written(path, changed=True)
    return Written(path, write(Path(path), text.encode()))


def _define_package(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_package)
    parser.description = (
        "Run `chalice package --pkg-format terraform` for one or more apps, and merge what it "
        "writes into one Terraform stack."
    )
    parser.add_argument(
        "apps",
        nargs="+",
        metavar="[NAME=]APP_DIR",
        help="the folder of an app, and its name in the stack (default: the lowercase letters and "
        "digits of app_name in .chalice/config.json)",
    )
    parser.add_argument(
        "--output",
        required=True,
        metavar="DIR",
        help=f"the folder for {TEMPLATE} and the zip files, such as terraform; or a file in it, "
        f"named *{_SUFFIX}, instead of {TEMPLATE}",
    )
    parser.add_argument(
        "--stage", default="dev", help="the stage of the apps in Chalice (default: %(default)s)"
    )
    _add_shared(parser)
    add_merging_options(parser)


def _package(given: argparse.Namespace, environment: Environment) -> None:
    named = given.output.endswith(_SUFFIX)
    output = Path(given.output) if named else Path(given.output) / TEMPLATE
    options = _options(given, output)
    projects = find_projects(given.apps)
    check([project.name for project in projects], options)
    chalice = find_chalice(environment)
    with tempfile.TemporaryDirectory() as scratch:
        packages = [
            package(chalice, each, given.stage, Path(scratch), environment) for each in projects
        ]
        merged = merge_and_report([package.source for package in packages], options)
        zips = {
            name: path.read_bytes()
            for each in packages
            if options.packaging(each.source.name) == "zip"
            for name, path in each.zips.items()
        }
    # The template last: what it names is there. The shared file may belong beside it.
    output.parent.mkdir(parents=True, exist_ok=True)
    shared = _write_shared(given)
    text = as_text(merged.template)
    written = write_all(output.parent, {**zips, output.name: text.encode()})
    files = [Written(str(output.parent / name), each) for name, each in written.items()]
    _succeeded(given.format, merged.report, [*files, *shared])


def _define_dockerfile(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_dockerfile, format="human")
    parser.description = (
        "Write a Dockerfile for an app: its image has what `chalice package` puts into the app's "
        "zip file, for the Python that Chalice runs with."
    )
    parser.add_argument("app", metavar="APP_DIR", help="the folder of the app")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="the file to write, or - for standard output (default: Dockerfile in the app's "
        "folder)",
    )


def _dockerfile(given: argparse.Namespace, environment: Environment) -> None:
    chalice, python = chalice_version(find_chalice(environment))
    text = as_dockerfile(read_recipe(given.app, chalice, python))
    if given.output == STANDARD_OUTPUT:
        write_to_standard_output(text)
        return
    output = Path(given.output or Path(given.app) / "Dockerfile")
    if output.is_file() and MARK not in output.read_text(encoding="utf-8", errors="replace"):
        raise failure(
            str(output),
            "something else wrote it; remove it, or write to another file with --output",
        )
    print(Written(str(output), write(output, text.encode())))  # noqa: T201


def _succeeded(form: str, report: Report, written: Sequence[Written]) -> None:
    if form == "json":
        write_to_standard_output(as_json(report=report, written=written))
        return
    for loss in report.dropped:
        print(loss.as_loss, file=sys.stderr)  # noqa: T201
    taken = any(each.file == STANDARD_OUTPUT for each in written)
    for line in human(report, written):
        print(line, file=sys.stderr if taken else sys.stdout)
