"""The command line: reads the apps' templates, merges them, and writes the result at once."""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .drops import DROPS
from .merge import merge
from .model import JsonObject, MergeError, Options, Source

TEMPLATE = "chalice.tf.json"


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit code: 0, 1 with problems, 2 if called wrongly."""
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


def as_text(template: JsonObject) -> str:
    """The template as the file holds it: one text for one template."""
    return json.dumps(template, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write(path: Path, text: str) -> bool:
    """Writes the file whole or not at all, unless it is so already; tells whether it wrote."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == text.encode():
            return False
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(temporary).chmod(0o644)  # mkstemp's are its owner's alone
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _failed(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)  # noqa: T201
    return 1


def _source(argument: str) -> Source:
    name, separator, directory = argument.partition("=")
    if not separator or not directory:
        raise MergeError([f"{argument}: a source is NAME=DIR, as command=build/command"])
    path = Path(directory) / TEMPLATE
    try:
        template = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MergeError(
            [f"app {name}: {path} is missing: chalice package --pkg-format terraform {directory}"]
        ) from None
    except ValueError as error:
        raise MergeError([f"app {name}: {path} is not JSON: {error}"]) from None
    if not isinstance(template, dict):
        raise MergeError([f"app {name}: {path} holds no JSON object: package the app anew"])
    return Source(name, template)


def _options(given: argparse.Namespace) -> Options:
    audiences: dict[str, list[str]] = {}
    for argument in given.audience:
        name, _, client = argument.partition("=")
        if not name or not client:
            raise MergeError([f"--audience {argument}: it is AUTHORIZER=CLIENT_ID"])
        audiences.setdefault(name, []).append(client)
    return Options(
        api=given.api,
        payload_format=given.payload_format,
        audiences=audiences,
        allow_drop=frozenset(given.allow_drop),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m terraform.merge",
        description="Merges what `chalice package --pkg-format terraform` wrote for one or more "
        "apps into one Terraform stack: image functions behind one HTTP API.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="what --allow-drop takes:\n"
        + "\n".join(f"  {name:<20} {meaning}" for name, meaning in DROPS.items()),
    )
    add = parser.add_argument
    add("sources", nargs="+", metavar="NAME=DIR", help=f"an app's name and where its {TEMPLATE} is")
    add(
        "--output",
        required=True,
        metavar="FILE",
        help="the file to write, as terraform/" + TEMPLATE,
    )
    add("--api", default="api", metavar="NAME", help="the HTTP API's name (default: %(default)s)")
    add(
        "--payload-format",
        choices=("1.0", "2.0"),
        default="1.0",
        help="what the functions get (default: %(default)s, which is what Chalice reads)",
    )
    add(
        "--audience",
        action="append",
        default=[],
        metavar="AUTHORIZER=CLIENT_ID",
        help="an app client of a Cognito authorizer, or a Terraform reference to its id",
    )
    add(
        "--allow-drop",
        action="append",
        choices=sorted(DROPS),
        default=[],
        metavar="NAME",
        help="something HTTP APIs lack that may go; see below",
    )
    return parser
