"""What the translation of one resource may read beside the resource itself."""

from __future__ import annotations

from dataclasses import dataclass

from .app import App
from .model import Options, Problems, Resource, Where


@dataclass(frozen=True)
class Context:
    """The app that a resource belongs to, the options, and where to report problems."""

    app: App
    options: Options
    problems: Problems

    def where(self, resource: Resource) -> Where:
        """Return how problems name the resource: by its name in the source."""
        return self.app.where_resource(resource.kind, resource.name)
