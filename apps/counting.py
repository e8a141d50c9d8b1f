"""Numbers of things, as programs for a terminal print them."""


def counted(number: int, one: str) -> str:
    """Return a number and what it counts, whose plural ends in ``s``: ``1 event``, ``2 events``."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
