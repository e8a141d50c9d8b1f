"""The steps of a migration, as blocks of Terraform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .model import JsonObject, Problem

_FORGETS = ">= 1.7"  # Terraform with removed blocks, and references in the id of an import block


@dataclass(frozen=True)
class Steps:
    """What brings one app, or all, into the stack.

    ``moved`` maps old addresses to new ones, ``imports`` addresses to ids. ``forgotten`` are old
    addresses of what stays as it is while the state loses it. ``replaced_first`` are addresses
    whose replacement must exist before they are destroyed.
    """

    moved: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    replaced_first: frozenset[str] = frozenset()
    notes: frozenset[Problem] = frozenset()

    def and_also(self, other: Steps) -> Steps:
        """Return these steps and others."""
        return Steps(
            {**self.moved, **other.moved},
            {**self.imports, **other.imports},
            self.forgotten | other.forgotten,
            self.replaced_first | other.replaced_first,
            self.notes | other.notes,
        )

    def into(self, template: JsonObject) -> JsonObject:
        """Return the template with the blocks of these steps."""
        blocks = {
            "import": [{"id": self.imports[to], "to": to} for to in sorted(self.imports)],
            "moved": [{"from": old, "to": self.moved[old]} for old in sorted(self.moved)],
            "removed": [
                {"from": old, "lifecycle": {"destroy": False}} for old in sorted(self.forgotten)
            ],
        }
        changed = template | {name: found for name, found in blocks.items() if found}
        if self.forgotten:
            changed["terraform"] = template.get("terraform", {}) | {"required_version": _FORGETS}
        changed["resource"] = {
            kind: {name: self._ordered(f"{kind}.{name}", body) for name, body in named.items()}
            for kind, named in template.get("resource", {}).items()
        }
        return changed

    def _ordered(self, address: str, body: JsonObject) -> JsonObject:
        if address not in self.replaced_first:
            return body
        return body | {"lifecycle": {"create_before_destroy": True}}
