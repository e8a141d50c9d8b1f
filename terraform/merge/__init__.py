"""One Terraform stack of current make out of what `chalice package --pkg-format terraform` writes.

`merge` is a pure function from JSON to JSON; `python -m terraform.merge` reads, calls it and
writes. Standard library only, and nothing outside this folder: it can be taken alone.
"""

from .merge import merge
from .model import MergeError, Options, Source

__all__ = ["MergeError", "Options", "Source", "merge"]
