"""``make docker-build`` and ``make docker-delivery``: ``python -m make.images build|deliver``."""

import os
import sys
from collections.abc import Callable
from typing import TypeVar

from make.images.building import DIGESTS, ROOT, build_images, read_sources
from make.images.delivering import check_clean, deliver_images, find_registry
from make.images.engine import NotReady, find_engine

T = TypeVar("T")


def main(action: str) -> None:
    """Check all requirements, report every missing one at once, and only then begin."""
    environment = dict(os.environ)
    problems: list[str] = []
    engine = _found(lambda: find_engine(environment), problems)
    sources = _found(lambda: read_sources(ROOT, environment), problems)
    registry = None
    if action == "deliver":
        registry = _found(lambda: find_registry(environment), problems)
        if sources:
            _found(lambda: check_clean(sources), problems)
    if problems or engine is None or sources is None:
        raise NotReady("\n".join(problems))
    if registry is None:
        for tag in build_images(engine, sources, environment).values():
            print(tag, engine.image_id(tag))
        return
    for image in deliver_images(engine, registry, sources, environment).values():
        print(image)
    print(f"Written to {DIGESTS}, which Terraform reads.")


def _found(look: Callable[[], T], problems: list[str]) -> T | None:
    try:
        return look()
    except NotReady as problem:
        problems.append(str(problem))
        return None


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except NotReady as problem:
        sys.exit(str(problem))
