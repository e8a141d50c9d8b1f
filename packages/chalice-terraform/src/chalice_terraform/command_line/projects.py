"""Finds the projects of Chalice apps, and reads their configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice_terraform.merging.model import JsonObject, Problems

_CONFIG = Path(".chalice", "config.json")


@dataclass(frozen=True)
class Project:
    """The project of a Chalice app: the app's name in the stack, and the project's folder."""

    name: str
    folder: Path


def find_projects(arguments: Sequence[str]) -> list[Project]:
    """Return the projects that ``APP_DIR`` and ``NAME=APP_DIR`` name. Raises ``MergeError``.

    Without a name, an app is called by the letters and digits of its ``app_name`` in Chalice: that
    is the same in every clone, which a folder's name need not be.
    """
    problems = Problems()
    projects = [_project(argument, problems) for argument in arguments]
    problems.raise_if_any()
    return projects


def read_config(argument: str, folder: Path, problems: Problems) -> JsonObject | None:
    """Return the configuration of the project in this folder, which ``argument`` names.

    Reports a configuration that is not there or not an object.
    """
    path = folder / _CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        problems.add(argument, f"{path} is missing; give the folder of a Chalice app")
        return None
    except (ValueError, RecursionError) as error:
        problems.add(argument, f"{path} is not JSON: {error}")
        return None
    if not isinstance(config, dict):
        problems.add(argument, f"{path} is not a JSON object")
        return None
    return config


def _project(argument: str, problems: Problems) -> Project:
    name, separator, directory = argument.partition("=")
    if not separator or "/" in name:  # a folder may have = in its name: ./a=b
        name, directory = "", argument
    folder = Path(directory)
    config = read_config(argument, folder, problems)
    if config is not None and not name:
        name = _default_name(argument, config.get("app_name"), problems)
    return Project(name, folder)


def _default_name(argument: str, title: object, problems: Problems) -> str:
    name = re.sub("[^a-z0-9]", "", str(title or "").lower())
    if not name or name[0].isdigit():
        problems.add(
            argument,
            f"its app_name, {title}, gives it no name in the stack; name it, as in shop={argument}",
        )
    return name
