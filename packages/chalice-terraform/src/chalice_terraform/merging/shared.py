"""What a Terraform module can have only once, whatever its apps: versions, variables, data sources.

A template has those that it uses. Several templates of one module leave them to one more, which
has all of them, so that it is the same whichever apps the others have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from .app import App
from .model import Block, Where
from .renaming import ACCOUNT_ID, PARTITION, REGION

RETENTION = "log_retention_in_days"
# What CloudWatch Logs accepts, except 0, which would keep logs indefinitely.
_RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]
_RETENTIONS += [1096, 1827, 2192, 2557, 2922, 3288, 3653]

_VERSIONS = [
    "terraform.required_version",
    "terraform.required_providers.aws",
    "terraform.required_providers.null",
]
_ACCOUNT = "the stack refers to the account's id"


def shared_blocks(used: Set[str] | None = None, apps: Sequence[App] = ()) -> Iterator[Block]:
    """Yield the versions, and what one of the traversals ``used`` refers to; without them, all.

    They replace what Chalice writes for each of the apps.
    """
    yield replace(_versions(), origins=_origins(apps, _VERSIONS))
    for traversal, (replaced, blocks) in _BLOCKS.items():
        if used is None or any(other.startswith(traversal) for other in used):
            for block in blocks():
                yield replace(block, origins=_origins(apps, replaced))


def _origins(apps: Sequence[App], replaced: Sequence[str]) -> tuple[Where, ...]:
    return tuple(app.where(thing) for app in apps for thing in replaced)


def _versions() -> Block:
    body = {
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.0"}},
        "required_version": ">= 1.5",
    }
    return Block(("terraform",), body, why="it states the versions that the stack needs")


def _retention() -> Iterator[Block]:
    yield Block(
        ("variable", RETENTION),
        {
            "default": 30,
            "description": "Retention of the functions' log groups, in days.",
            "nullable": False,
            "type": "number",
            "validation": [
                {
                    "condition": f"${{contains({_RETENTIONS}, var.{RETENTION})}}",
                    "error_message": f"{RETENTION} must be a retention that CloudWatch Logs "
                    f"supports: one of {_RETENTIONS}.",
                }
            ],
        },
        why="the functions' log groups have this retention",
    )


def _partition() -> Iterator[Block]:
    yield Block(("data", "aws_partition", "chalice"), {}, why="the stack refers to the partition")


def _region() -> Iterator[Block]:
    yield Block(
        ("data", "aws_service", "lambda"),
        {"service_id": "lambda"},
        why="the stack refers to the region",
    )


def _account_id() -> Iterator[Block]:
    """Yield the account id: the variable's or, without one, what AWS reports.

    With the variable, a plan needs no access to AWS.
    """
    looked_up = "one(data.aws_caller_identity.chalice[*].account_id)"
    value = f"${{var.account_id == null ? {looked_up} : var.account_id}}"
    yield Block(
        ("data", "aws_caller_identity", "chalice"),
        {"count": "${var.account_id == null ? 1 : 0}"},
        why=_ACCOUNT,
    )
    yield Block(("locals", ACCOUNT_ID.removeprefix("local.")), value, why=_ACCOUNT)
    valid = 'var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))'
    yield Block(
        ("variable", "account_id"),
        {
            "default": None,
            "description": "Id of the AWS account. Without it, a plan looks it up in AWS.",
            "type": "string",
            "validation": [
                {
                    "condition": f"${{{valid}}}",
                    "error_message": "account_id must have 12 digits.",
                }
            ],
        },
        why=_ACCOUNT,
    )


_BLOCKS: Mapping[str, tuple[Sequence[str], Callable[[], Iterator[Block]]]] = {
    f"var.{RETENTION}": ((), _retention),
    PARTITION: (["data.aws_partition.chalice"], _partition),
    REGION.rpartition(".")[0]: (["data.aws_region.chalice"], _region),
    ACCOUNT_ID: (["data.aws_caller_identity.chalice"], _account_id),
}
"""From what a template refers to to what Chalice writes for it, and the blocks that replace it."""

REMOVED: Mapping[str, str] = {
    "data.aws_caller_identity.chalice": "nothing in the stack refers to the account's id",
    "data.aws_partition.chalice": "nothing in the stack refers to the partition",
    "data.aws_region.chalice": "nothing in the stack refers to the region",
    "data.null_data_source.chalice": "it has the app's name and stage, which nothing refers to",
}
"""From what Chalice writes for every app to why a stack may do without it."""
