"""The output is replaced atomically, and only where it is a regular file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import chalice_terraform
from chalice_terraform.command_line.files import write, write_all


def test_a_new_file_gets_its_mode_from_the_umask(tmp_path: Path) -> None:
    target = tmp_path / "chalice.tf.json"
    before = os.umask(0o027)
    try:
        assert write(target, b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "chalice.tf.json"
    target.write_text("old")
    target.chmod(0o604)
    assert write(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert target.read_text() == "new"


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "chalice.tf.json"
    target.write_text("old")
    link = tmp_path / "link"
    link.symlink_to(Path("elsewhere") / "chalice.tf.json")
    assert write(link, b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert not write(link, b"new")


def test_a_link_to_a_file_that_does_not_exist_yet_creates_it(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "target")
    assert write(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_circle_of_links_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(OSError, match="symbolic links"):
        write(tmp_path / "one", b"new")


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "link to a device"])
def test_what_is_not_a_regular_file_is_left_as_it_is(kind: str, tmp_path: Path) -> None:
    target = Path(os.devnull) if kind == "device" else tmp_path / "target"
    if kind == "folder":
        target.mkdir()
        (target / "kept").write_text("")
    elif kind == "fifo":
        os.mkfifo(target)
    elif kind == "link to a device":
        target.symlink_to(os.devnull)
    before = target.lstat()
    with pytest.raises(OSError, match="not a regular file; to write to standard output, give -"):
        write(target, b"new")
    assert target.lstat().st_ino == before.st_ino
    assert stat.S_IFMT(target.lstat().st_mode) == stat.S_IFMT(before.st_mode)
    assert len(list(tmp_path.iterdir())) == (kind != "device")


def test_the_file_that_standard_output_is_redirected_to_is_not_replaced(tmp_path: Path) -> None:
    redirected = tmp_path / "redirected"
    code = "from pathlib import Path; from chalice_terraform.command_line.files import write; "
    with redirected.open("w") as standard_output:
        done = subprocess.run(
            [sys.executable, "-c", code + "write(Path('/dev/fd/1'), b'new')"],
            env={**os.environ, "PYTHONPATH": str(Path(chalice_terraform.__file__).parents[1])},
            stdout=standard_output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert "give - as the file" in done.stderr
    assert redirected.read_text() == ""


def test_a_failed_write_leaves_only_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "chalice.tf.json"
    target.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left") as raised:
        write(target, b"new")
    assert raised.value.filename == str(target)
    assert [path.name for path in tmp_path.iterdir()] == ["chalice.tf.json"]
    assert target.read_text() == "old"


def test_all_files_of_a_folder_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert write_all(folder, {"one": b"1", "two": b"2"}) == {"one": True, "two": True}
    assert write_all(folder, {"one": b"1", "two": b"3"}) == {"one": False, "two": True}
    assert (folder / "two").read_bytes() == b"3"


def test_if_one_file_cannot_be_replaced_all_are_left_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one").write_text("old")
    really = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if target.name == "three":
            raise OSError(28, "No space left on device")
        return really(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_all(tmp_path, {"one": b"new", "two": b"new", "three": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_text() == "old"


def test_nothing_is_written_beside_what_is_not_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "two")
    with pytest.raises(OSError, match="not a regular file"):
        write_all(tmp_path, {"one": b"new", "two": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["two"]
