"""Equal sources give equal zip files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice_terraform.command_line.reproducible_zips import make_reproducible

names = st.sampled_from(["app.py", "b/c.py", "b/run", "é.txt", "vendor.py"])
contents = st.dictionaries(names, st.tuples(st.binary(max_size=99), st.booleans()), min_size=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zips")


@given(files=contents, chance=st.randoms(), umask=st.sampled_from([0o22, 0o2, 0o77]))
def test_order_time_umask_and_bytecode_do_not_matter(
    files: dict[str, tuple[bytes, bool]], chance: object, umask: int, folder: Path
) -> None:
    one, other = folder / "one.zip", folder / "other.zip"
    write(one, [(name, *file) for name, file in files.items()])
    shuffled = [(name, *file) for name, file in files.items()]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    bytecode = ("b/__pycache__/c.cpython-311.pyc", b"\x00", False)
    write(other, [*shuffled, bytecode], umask, 2027)
    for path in (one, other):
        make_reproducible(path)
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as zipped:
        assert {n: zipped.read(n) for n in zipped.namelist()} == {n: f[0] for n, f in files.items()}
        modes = {entry.filename: entry.external_attr >> 16 for entry in zipped.infolist()}
    assert modes == {n: 0o100755 if f[1] else 0o100644 for n, f in files.items()}


def write(
    path: Path, files: list[tuple[str, bytes, bool]], umask: int = 0o022, year: int = 2026
) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content, executable in files:
            entry = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            entry.external_attr = ((0o100777 if executable else 0o100666) & ~umask) << 16
            zipped.writestr(entry, content)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_with_one_name_the_last_is_kept(folder: Path) -> None:
    path = folder / "double.zip"
    write(path, [("a.py", b"dependency", False), ("a.py", b"vendored", False)])
    make_reproducible(path)
    with zipfile.ZipFile(path) as zipped:
        assert zipped.namelist() == ["a.py"]
        assert zipped.read("a.py") == b"vendored"
