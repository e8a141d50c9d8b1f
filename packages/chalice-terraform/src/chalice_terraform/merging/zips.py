"""Says where a function's or layer's zip file is: Chalice puts every app's under the same name."""

from __future__ import annotations

from collections.abc import Mapping

from .context import Context
from .model import JsonObject, Resource

ZIPS: Mapping[str, str] = {
    "deployment.zip": "{app}.zip",
    "layer-deployment.zip": "{app}-layer.zip",
}
"""From a zip file's name, as Chalice writes it, to its default path in the stack."""

_FOLDER = "${path.module}/"
_ESCAPES = {"${": "$${", "%{": "%%{"}
_ESCAPES_IN_QUOTES = {"\\": "\\\\", '"': '\\"', **_ESCAPES}


def zip_arguments(context: Context, resource: Resource) -> JsonObject:
    """Return the arguments of a function or layer that name its zip file, and the file's hash.

    Reports a file that is not the one that Chalice writes.
    """
    filename = str(resource.body.get("filename"))
    name = filename.rpartition("/")[2]
    if name not in ZIPS:
        context.problems.add(
            context.where(resource),
            f"its file must be one of {', '.join(ZIPS)}, as Chalice writes it, not {filename}; "
            "package the app again",
        )
    app = context.app
    path = app.zips.get(name) or (ZIPS[name].format(app=app.name) if name in ZIPS else name)
    quoted = _escaped(path, _ESCAPES_IN_QUOTES)
    return {
        "filename": _FOLDER + _escaped(path, _ESCAPES),
        "source_code_hash": f'${{filebase64sha256("{_FOLDER}{quoted}")}}',
    }


def _escaped(path: str, escapes: Mapping[str, str]) -> str:
    for character, escaped in escapes.items():
        path = path.replace(character, escaped)
    return path
