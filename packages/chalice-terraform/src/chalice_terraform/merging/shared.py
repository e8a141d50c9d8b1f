"""What a Terraform module can have only once, whatever its apps: versions, variables, data sources.

A template has those that it uses. Several templates of one module leave them to one more, which
has all of them, so that it is the same whichever apps the others have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set

from .model import Block
from .renaming import ACCOUNT_ID, PARTITION, REGION

RETENTION = "log_retention_in_days"
# What CloudWatch Logs accepts, except 0, which would keep logs indefinitely.
_RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]
_RETENTIONS += [1096, 1827, 2192, 2557, 2922, 3288, 3653]


def shared_blocks(used: Set[str] | None = None) -> Iterator[Block]:
    """Yield the versions, and what one of the traversals ``used`` refers to; without them, all."""
    yield _versions()
    for traversal, blocks in _BLOCKS.items():
        if used is None or any(other.startswith(traversal) for other in used):
            yield from blocks()


def _versions() -> Block:
    body = {
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 5.0"}},
        "required_version": ">= 1.5",
    }
    return Block(("terraform",), body)


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
    )


def _partition() -> Iterator[Block]:
    yield Block(("data", "aws_partition", "chalice"), {})


def _region() -> Iterator[Block]:
    yield Block(("data", "aws_service", "lambda"), {"service_id": "lambda"})


def _account_id() -> Iterator[Block]:
    """Yield the account id: the variable's or, without one, what AWS reports.

    With the variable, a plan needs no access to AWS.
    """
    looked_up = "one(data.aws_caller_identity.chalice[*].account_id)"
    value = f"${{var.account_id == null ? {looked_up} : var.account_id}}"
    yield Block(
        ("data", "aws_caller_identity", "chalice"),
        {"count": "${var.account_id == null ? 1 : 0}"},
    )
    yield Block(("locals", ACCOUNT_ID.removeprefix("local.")), value)
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
    )


_BLOCKS: Mapping[str, Callable[[], Iterator[Block]]] = {
    f"var.{RETENTION}": _retention,
    PARTITION: _partition,
    REGION.rpartition(".")[0]: _region,
    ACCOUNT_ID: _account_id,
}
"""From what a template refers to to the blocks that it then needs."""
