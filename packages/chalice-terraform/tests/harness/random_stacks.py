"""Random Chalice apps to merge into one stack, with each kind of API and each packaging."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from chalice_terraform.merging import Merged, Options, Source, merge_and_report
from harness.packaging import JsonObject
from harness.random_apps import RandomApp, apps, package_in_process

PREFIXES: Mapping[str, tuple[str, str]] = {
    "http": ("first", "second"),
    "http-per-app": ("same", "same"),
    "rest": ("same", "same"),
}
"""By the kind of API, how the routes of the two apps begin: in one API, they must not clash."""


@dataclass(frozen=True)
class RandomStack:
    """Two apps, by their names in the stack, and what it is made of."""

    apps: Mapping[str, RandomApp]
    api: str
    package: str

    def sources(self) -> list[Source]:
        """Package the apps: first ``one``, then ``two``."""
        titles = {"one": "shop", "two": "stock"}
        return [
            Source(name, package_in_process(title, self.apps[name]))
            for name, title in titles.items()
        ]

    def merge(self, *sources: Source, **options: Any) -> JsonObject:
        """Merge these sources as this stack, with these further options."""
        return self.merge_and_report(*sources, **options).template

    def merge_and_report(self, *sources: Source, **options: Any) -> Merged:
        """Merge as ``merge`` does, and report."""
        pools = any("cognito_user_pools" in json.dumps(source.template) for source in sources)
        audiences = {"cognito": ["client"]} if pools and self.api != "rest" else {}
        given: dict[str, Any] = {"api": self.api, "package": self.package, "audiences": audiences}
        return merge_and_report(sources, Options(**given, **options))


def stacks(*kinds: str) -> st.SearchStrategy[RandomStack]:
    """Return stacks with one of these kinds of API."""
    return st.one_of([_stacks(kind) for kind in kinds])


def _stacks(kind: str) -> st.SearchStrategy[RandomStack]:
    one, two = (apps(prefix, rest=kind == "rest") for prefix in PREFIXES[kind])
    return st.builds(
        RandomStack,
        apps=st.fixed_dictionaries({"one": one, "two": two}),
        api=st.just(kind),
        package=st.sampled_from(["zip", "image"]),
    )
