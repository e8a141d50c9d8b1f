"""What a reference may be in a template that Chalice writes."""

from __future__ import annotations

from collections.abc import Sequence

_ATTRIBUTES = {
    "path": {"cwd", "module", "root"},
    "terraform": {"applying", "workspace"},
}
_ONLY_WITHIN = {"count", "each", "self"}  # meta-arguments that Chalice does not write
_RESERVED = {"arg", "lazy", "template"}


def why_no_reference(names: Sequence[str]) -> str | None:
    """Return why the names are not the beginning of a reference, as in ``addrs.ParseRef``, or None.

    It is what follows "Terraform cannot read it: ", with what to do.
    """
    root = names[0]
    if root in _ONLY_WITHIN or root in _RESERVED:
        return f"{root} means nothing here; refer to a local value or a resource"
    if root == "Token" and len(names) == 1:
        return (
            "it is a token of the AWS CDK, which nothing resolves; give the app a name or an "
            "ARN that is known when you package it"
        )
    if len(names) == 1:
        return (
            f"{root} is no reference; refer to var.{root}, local.{root} or TYPE.{root}, or "
            "write $${ for the text ${ itself"
        )
    if root == "data" and len(names) == 2:
        return "a data source has a type and a name; write data.TYPE.NAME"
    allowed = _ATTRIBUTES.get(root)
    if allowed and names[1] not in allowed:
        known = " or ".join(f"{root}.{name}" for name in sorted(allowed))
        return f"there is no {root}.{names[1]}; use {known}"
    return None
