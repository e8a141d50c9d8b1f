"""Lay out the packages of each peer: ``python -m peers.packages PACKAGES PEERS``.

All are installed into PACKAGES. PEERS gets a folder for each peer, of links to what it needs and
nothing else: some packages look through all that are installed (pydantic, for plugins), and a peer
must not pay for the others.
"""

import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from .needs import NEEDS, RUNTIME


def closure(
    known: Mapping[NormalizedName, Distribution], names: Iterable[str]
) -> set[NormalizedName]:
    """Return ``names`` and all that they require, extras left out."""
    found: set[NormalizedName] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for line in known[name].requires or ():
            required = Requirement(line)
            if required.marker is None or required.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(required.name))
    return found


def main(packages: Path, peers: Path) -> None:
    """Make the folders."""
    known = {canonicalize_name(d.metadata["Name"]): d for d in distributions(path=[str(packages)])}
    for peer, names in NEEDS.items():
        folder = peers / peer
        folder.mkdir(parents=True)
        needed = [known[name] for name in closure(known, (RUNTIME, *names))]
        tops = {file.parts[0] for d in needed for file in d.files or ()} - {"..", "bin"}
        for top in tops | {"__pycache__"}:
            (folder / top).symlink_to(packages / top)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
