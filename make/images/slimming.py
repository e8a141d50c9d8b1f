"""What apps/Dockerfile runs inside the image: keep only what the functions run, compiled.

``python3 slimming.py packages FOLDER`` slims what pip installed into FOLDER, ``... code FOLDER``
our own code, and ``... python`` the base image's own Python. The same input gives the same files.
It uses nothing but Python's standard library.
"""

import compileall
import gzip
import json
import os
import shutil
import site
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any, Final

AWS_SERVICES: Final = ("dynamodb", "events", "sqs")
"""The services whose models are kept; botocore has some 400. The publisher uses all of them."""

TOOLS_OF_CHALICE: Final = frozenset(
    {
        "ansicon",
        "blessed",
        "click",
        "editor",
        "inquirer",
        "jinxed",
        "packaging",
        "pip",
        "pyyaml",
        "readchar",
        "runs",
    }
    | {"setuptools", "wcwidth", "wheel", "xmod"}
)
"""What Chalice's command line needs. Its own packager omits them too."""

ONLY: Final = {
    "boto3/data": {*AWS_SERVICES},
    # What Chalice's own packager puts into a function.
    "chalice": {"__init__.py", "app.py"},
    # A hundred kinds of numbers are left out.
    "stdnum": {"__init__.py", "ean.py", "exceptions.py", "isbn.dat", "isbn.py", "util.py"},
}
"""What is kept of some folders of the packages."""

NOT_RUN: Final = (
    "bin",
    "cffi-gen-src",
    "*/tests",
    "boto3/examples",
    "**/*.pyi",
)
"""Removed from the packages: patterns below their folder."""

SWAGGER_UI: Final = "flask_swagger_ui"
SERVED: Final = ("swagger-ui.css", "swagger-ui-bundle.js")
"""Of Swagger UI's package, the documentation page uses these files alone."""

TOOLS_OF_PYTHON: Final = ("ensurepip", "idlelib", "pydoc_data", "test", "tkinter", "turtledemo")
"""Removed from the standard library."""

INSTALLERS: Final = (
    "pip",
    "pip-*",
    "setuptools",
    "setuptools-*",
    "pkg_resources",
    "wheel",
    "wheel-*",
    "_distutils_hack",
    "distutils-precedence.pth",
)
"""Removed from the base image's own packages."""


def slim_packages(root: Path) -> None:
    """Remove all that no function runs from what ``pip install --target ROOT`` installed."""
    for distribution in distributions(path=[str(root)]):
        if distribution.metadata["Name"].lower() in TOOLS_OF_CHALICE:
            # Scripts are outside of the root, in "bin".
            tops = {file.parts[0] for file in distribution.files or ()} - {".."}
            _remove(*(root / top for top in tops))
    for pattern in NOT_RUN:
        _remove(*root.glob(pattern))
    for folder, kept in ONLY.items():
        _remove(*(path for path in root.glob(f"{folder}/*") if path.name not in kept))
    slim_botocore(root / "botocore" / "data")
    pack_swagger_ui(root / SWAGGER_UI)
    # Scanners read METADATA. These name files that are gone, and how pip was called.
    for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
        _remove(*root.glob(f"*.dist-info/{name}"))


def slim_botocore(data: Path) -> None:
    """Keep of botocore's data what clients of ``AWS_SERVICES`` read, as it is read fastest.

    A model has documentation in it, which only ``help()`` shows, and is compressed; the list of
    endpoints has those of all services.
    """
    _remove(*(path for path in data.iterdir() if path.is_dir() and path.name not in AWS_SERVICES))
    for service in AWS_SERVICES:
        _slim_model(data / service)
    endpoints = json.loads((data / "endpoints.json").read_text())
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {n: services[n] for n in AWS_SERVICES if n in services}
    (data / "endpoints.json").write_text(_compact(endpoints))


def _slim_model(service: Path) -> None:
    *older, newest = sorted(service.iterdir())
    _remove(*older, newest / "examples-1.json")
    packed = newest / "service-2.json.gz"
    model = json.loads(gzip.decompress(packed.read_bytes()))
    (newest / "service-2.json").write_text(_compact(_without_documentation(model)))
    _remove(packed)


def _without_documentation(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_documentation(item) for item in part]
    if not isinstance(part, dict):
        return part
    # A member of that name is an object.
    kept = {n: p for n, p in part.items() if not (n == "documentation" and isinstance(p, str))}
    return {name: _without_documentation(inner) for name, inner in kept.items()}


def _compact(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"))


def pack_swagger_ui(package: Path) -> None:
    """Keep of Swagger UI's package, where there is one, the files that are served, compressed."""
    dist = package / "dist"
    packed = {dist / name: dist / f"{name}.gz" for name in SERVED} if package.exists() else {}
    for file, target in packed.items():
        # Without a time: the same file gives the same bytes.
        target.write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    kept = {dist, dist / "LICENSE", *packed.values()}
    _remove(*(path for path in package.rglob("*") if path not in kept))


def slim_python() -> None:
    """Remove installers and tools from the Python that runs this, and compile what is left.

    Images such as python:*-slim come without bytecode, and Lambda's file system is read-only: each
    cold start would compile the standard library again.
    """
    library = Path(sysconfig.get_path("stdlib"))
    _remove(*(library / name for name in TOOLS_OF_PYTHON))
    for packages in site.getsitepackages():
        for pattern in INSTALLERS:
            _remove(*Path(packages).glob(pattern))
    compile_tree(library)


def compile_tree(root: Path) -> None:
    """Compile all modules below ``root`` to unchecked bytecode: never compared with its source."""
    done = compileall.compile_dir(
        root, quiet=1, workers=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    if not done:
        sys.exit(f"Some modules below {root} do not compile.")


def settle(root: Path, seconds: int) -> None:
    """Make all below ``root`` readable for all, writable for its owner, and of one Unix time."""
    for path in _walk(root):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def _walk(root: Path) -> Iterator[Path]:
    yield from root.rglob("*")
    yield root


def _remove(*paths: Path) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def main(action: str, folder: str = "/") -> None:
    """Run the action that the command line names."""
    root = Path(folder)
    match action:
        case "packages":
            slim_packages(root)
        case "python":
            slim_python()
            return
    compile_tree(root)
    settle(root, int(os.environ.get("SOURCE_DATE_EPOCH") or 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
