"""The options that say how to merge: the same for every command that merges."""

from __future__ import annotations

import argparse

from chalice_terraform.command_line.evidence import read_evidence
from chalice_terraform.merging import Options
from chalice_terraform.merging.api_kinds import KINDS
from chalice_terraform.merging.drops import DROPS
from chalice_terraform.merging.model import failure


def add_merging_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command's parser, and the values of ``--allow-drop`` below its help."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "values of --allow-drop:\n" + "\n".join(
        f"  {name:<20} {meaning}" for name, meaning in DROPS.items()
    )
    add = parser.add_argument
    add(
        "--format",
        choices=("human", "json"),
        default="human",
        help="of the report: text, or one JSON document on standard output (default: %(default)s)",
    )
    add(
        "--api",
        choices=sorted(KINDS),
        default="http",
        help="one HTTP API for all apps, one for each, or the REST API of each (default: "
        "%(default)s)",
    )
    add(
        "--api-name",
        default="api",
        metavar="NAME",
        help="the name of the HTTP API (default: %(default)s)",
    )
    add(
        "--stage-prefix",
        metavar="NAME",
        help="begin the URLs of HTTP APIs with this name, as those of a REST API begin with api: "
        "that of a stage (default: no prefix)",
    )
    add(
        "--payload-format",
        choices=("1.0", "2.0"),
        default="1.0",
        help="format of the events (default: %(default)s, which Chalice reads; 2.0 needs a "
        "chalice_terraform.runtime.HTTPApp)",
    )
    add(
        "--package",
        choices=("zip", "image"),
        default="zip",
        help="deploy functions as the zip files that Chalice made, or as container images that you "
        "build (default: %(default)s)",
    )
    add(
        "--image",
        action="append",
        default=[],
        metavar="APP",
        help="deploy the functions of this app as a container image",
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
    add(
        "--migrate",
        action="append",
        default=[],
        metavar="APP=WHAT",
        help="bring what exists of an app into the stack: terraform (Chalice's own Terraform, in "
        "the same state), module.NAME (a module of it), or a file, which may be the app's "
        ".chalice/deployed/STAGE.json, the output of `terraform state pull`, or what the AWS CLI "
        "lists: see the README",
    )


def merging_options(given: argparse.Namespace) -> Options:
    """Return the options that the arguments give. Raises ``MergeError``."""
    audiences: dict[str, list[str]] = {}
    for argument in given.audience:
        name, _, client = argument.partition("=")
        if not name or not client:
            raise failure(f"--audience {argument}", "it must be AUTHORIZER=CLIENT_ID")
        audiences.setdefault(name, []).append(client)
    return Options(
        api=given.api,
        api_name=given.api_name,
        stage_prefix=given.stage_prefix,
        payload_format=given.payload_format,
        package=given.package,
        images=frozenset(given.image),
        audiences=audiences,
        allow_drop=frozenset(given.allow_drop),
        migrate=[read_evidence(argument) for argument in given.migrate],
    )
