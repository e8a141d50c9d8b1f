"""Items as requests and responses carry them, and DynamoDB's limits on them.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from collections.abc import Mapping
from typing import Any, Final

Item = dict[str, Any]
"""Attributes by name, each as ``{type: value}``: ``{"version": {"N": "1"}}``."""

MAX_ITEM_BYTES: Final = 409_600
"""400 KB, names of attributes included."""

MAX_PARTITION_KEY_BYTES: Final = 2_048
MAX_SORT_KEY_BYTES: Final = 1_024

_NUMBER_BYTES = 21
_NESTING_BYTES = 3


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes that DynamoDB counts for an item, or a few more.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    texts, size = [*item], 0
    for value in item.values():
        ((kind, content),) = value.items()
        if kind == "S":
            texts.append(content)
        else:
            size += _size_of(kind, content)
    return size + _bytes("".join(texts))


def _size_of(kind: str, content: Any) -> int:
    match kind:
        case "SS":
            return _bytes("".join(content))
        case "M":
            return _NESTING_BYTES + item_size(content) + len(content)
        case "N":
            return _NUMBER_BYTES
        case _:
            raise ValueError(f"no item of this program has attributes of type {kind}")


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def is_key(text: str, limit: int) -> bool:
    """Return whether ``text``, which may come from a client, is a key within ``limit`` bytes."""
    try:
        return 0 < len(text.encode()) <= limit
    except UnicodeEncodeError:
        return False


def cut_key(text: str, limit: int) -> str:
    """Return ``text``, which may come from a client, cut to a key of at most ``limit`` bytes."""
    return text.encode(errors="replace")[:limit].decode(errors="ignore")
