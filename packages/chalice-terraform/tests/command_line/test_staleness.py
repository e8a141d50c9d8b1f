"""What a zip file of earlier sources lacks."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from chalice_terraform.command_line.staleness import missing_files

SITE_PACKAGES = "python/lib/python3.12/site-packages"


def missing(folder: Path, sources: list[str], *zips: list[str]) -> list[str]:
    for name in ("app.py", *sources):
        path = folder / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if name.endswith("__init__.py") else "x = 1")
    paths = [folder / f"{number}.zip" for number in range(len(zips))]
    for path, names in zip(paths, zips):
        with zipfile.ZipFile(path, "w") as zipped:
            for name in names:
                zipped.writestr(name, "")
    return missing_files(folder / "project", paths)


@pytest.mark.parametrize(
    ("sources", "zips", "expected"),
    [
        ([], [["app.py"]], []),
        ([], [["chalice/app.py"]], ["app.py"]),
        (["chalicelib/a.py"], [["app.py", "chalicelib/a.py", "a/dependency.py"]], []),
        (["chalicelib/b.py"], [["app.py", "chalicelib/a.py"]], ["chalicelib/b.py"]),
        (["chalicelib/b/__init__.py"], [["app.py"]], ["chalicelib/b/__init__.py"]),
        (["chalicelib/__pycache__/b.cpython-312.pyc", "README.md"], [["app.py"]], []),
        (["vendor/a/b.py"], [["app.py", "a/b.py"]], []),
        (["vendor/a/b.py"], [["app.py"], [f"{SITE_PACKAGES}/a/b.py"]], []),
        (["vendor/a/b.py"], [["app.py"], [f"{SITE_PACKAGES}/vendor/a/b.py"]], ["vendor/a/b.py"]),
        (["vendor/a/__init__.py"], [["app.py"]], []),
    ],
)
def test_files_that_no_zip_has_are_missing(
    sources: list[str], zips: list[list[str]], expected: list[str], tmp_path: Path
) -> None:
    assert missing(tmp_path, sources, *zips) == expected


def test_a_link_to_nothing_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "project" / "chalicelib").mkdir(parents=True)
    (tmp_path / "project" / "chalicelib" / "gone.py").symlink_to("nowhere")
    assert missing(tmp_path, [], ["app.py"]) == []
