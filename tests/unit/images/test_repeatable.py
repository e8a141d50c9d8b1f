"""An image archive does not reveal when and where it was built."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from make.images.repeatable import make_repeatable

Files = Mapping[str, bytes]
PYTHON: Files = {"bin/python3": b"#!"}
OURS: Files = {"var/task/app.py": b"app = 1", "var/task/core.py": b""}


def layer(files: Files, mtime: float, owner: str = "") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname = len(content), mtime, owner
            member.pax_headers = {"atime": str(mtime), "SCHILY.xattr.user.x": "kept"}
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def archive(path: Path, layers: list[bytes], moment: str, **traces: Any) -> Path:
    """Write what ``docker save`` writes of an image built at ``moment``; return ``path``."""
    diff_ids = [f"sha256:{hashlib.sha256(_plain(content)).hexdigest()}" for content in layers]
    entry = {"created": moment, "created_by": "COPY"}
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": moment,
        "config": {"Cmd": ["app.app"], "User": "65534", **traces},
        "history": [entry, entry, {**entry, "empty_layer": True}],
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        **{f"container_{name}": value for name, value in traces.items()},
    }
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "config.json", "RepoTags": ["app:1"], "Layers": names}]
    with tarfile.open(path, "w") as tar:
        for name, content in [
            ("config.json", json.dumps(config).encode()),
            ("manifest.json", json.dumps(manifest).encode()),
            *zip(names, layers, strict=True),
        ]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def _plain(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def settled(path: Path, given: Path) -> dict[str, bytes]:
    make_repeatable(given, path, seconds=1_700_000_000)
    with tarfile.open(path) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        return {name: file.read() for name, file in files.items() if file}


def config_of(files: dict[str, bytes]) -> Any:
    [manifest] = json.loads(files["manifest.json"])
    return json.loads(files[manifest["Config"]])


@pytest.fixture
def two(tmp_path: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    layers = [layer(PYTHON, 5), layer(OURS, 100, "ann")]
    first = archive(tmp_path / "1", layers, "2026-01-01T00:00:00Z")
    layers = [layer(PYTHON, 6), layer(OURS, 200.5, "bob")]
    second = archive(tmp_path / "2", layers, "2026-02-02T00:00:00Z", Hostname="b")
    return settled(tmp_path / "3", first), settled(tmp_path / "4", second)


def test_an_image_does_not_depend_on_who_built_it_and_when(
    two: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    assert two[0] == two[1]


def test_other_content_makes_another_image(tmp_path: Path) -> None:
    python = layer(PYTHON, 5)
    one, other = (
        settled(
            tmp_path / f"out{n}", archive(tmp_path / f"in{n}", [python, layer(files, 1)], "2026")
        )
        for n, files in enumerate([OURS, {**OURS, "var/task/app.py": b"app = 2"}])
    )

    assert config_of(one)["rootfs"] != config_of(other)["rootfs"]


def test_the_configuration_of_an_image_is_kept(
    two: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    config = config_of(two[0])

    assert config["config"] == {"Cmd": ["app.app"], "User": "65534"}
    assert config["created"] == "2023-11-14T22:13:20Z"
    assert [entry["created"] for entry in config["history"]] == [config["created"]] * 3


def test_extended_attributes_and_contents_are_kept(
    two: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    files, _ = two
    [manifest] = json.loads(files["manifest.json"])
    with tarfile.open(fileobj=io.BytesIO(files[manifest["Layers"][1]])) as tar:
        members = tar.getmembers()
        content = tar.extractfile(members[0])
        assert content is not None
        assert content.read() == b"app = 1"

    assert [member.pax_headers for member in members] == [{"SCHILY.xattr.user.x": "kept"}] * 2
    assert {member.mtime for member in members} == {1_700_000_000}


def test_layers_may_be_compressed(
    two: tuple[dict[str, bytes], dict[str, bytes]], tmp_path: Path
) -> None:
    layers = [layer(PYTHON, 5), gzip.compress(layer(OURS, 7))]

    assert settled(tmp_path / "out", archive(tmp_path / "in", layers, "2026")) == two[0]
