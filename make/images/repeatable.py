"""Image archives without traces of when and where they were built: same sources, same digest.

``docker save`` and ``podman save`` write such archives, and ``load`` reads them. Builders differ in
how they handle time: Docker before buildx stamps the present time on layers and configuration, with
no option to prevent it.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

JsonObject = dict[str, Any]

_GZIP: Final = b"\x1f\x8b"
_KEPT: Final = ("architecture", "os", "variant")
_KEPT_CONFIG: Final = (
    "Cmd",
    "Entrypoint",
    "Env",
    "ExposedPorts",
    "Labels",
    "StopSignal",
    "User",
    "Volumes",
    "WorkingDir",
)
"""The fields of OCI's image configuration; Docker adds the ids of its build containers."""


def make_repeatable(archive: Path, result: Path, seconds: int) -> None:
    """Write the one image of ``archive`` to ``result``, with ``seconds`` (Unix time) as every time.

    All of its layers are ours: it is built from scratch.
    """
    with tarfile.open(archive) as packed, tarfile.open(result, "w") as repacked:
        [manifest] = _json(packed, "manifest.json")
        config = _json(packed, manifest["Config"])
        digests, names = [], []
        for name in manifest["Layers"]:
            with _layer(packed, name) as layer, _scratch(result) as settled:
                _settle(layer, settled, seconds)
                digests.append(_digest(settled))
                names.append(f"{digests[-1]}.tar")
                _add(repacked, names[-1], settled)
        config = _settled_config(config, digests, seconds)
        encoded = json.dumps(config, sort_keys=True).encode()
        config_name = f"{hashlib.sha256(encoded).hexdigest()}.json"
        _add(repacked, config_name, io.BytesIO(encoded))
        contents = [{"Config": config_name, "Layers": names, "RepoTags": manifest["RepoTags"]}]
        _add(repacked, "manifest.json", io.BytesIO(json.dumps(contents).encode()))


def _settled_config(config: Mapping[str, Any], digests: list[str], seconds: int) -> JsonObject:
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    settings = config.get("config") or {}
    return {
        **{name: config[name] for name in _KEPT if config.get(name)},
        "config": {name: settings[name] for name in _KEPT_CONFIG if settings.get(name)},
        "created": moment,
        "history": [{**entry, "created": moment} for entry in config.get("history") or []],
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
    }


def _settle(layer: "IO[bytes] | gzip.GzipFile", settled: IO[bytes], seconds: int) -> None:
    with (
        tarfile.open(fileobj=layer, mode="r|") as packed,
        tarfile.open(fileobj=settled, mode="w", format=tarfile.PAX_FORMAT) as repacked,
    ):
        for member in packed:
            member.mtime = seconds
            member.uname = member.gname = ""
            member.pax_headers = {
                name: value
                for name, value in member.pax_headers.items()
                if name.startswith("SCHILY.xattr.")
            }
            repacked.addfile(member, packed.extractfile(member) if member.isreg() else None)


def _layer(packed: tarfile.TarFile, name: str) -> "IO[bytes] | gzip.GzipFile":
    stored = packed.extractfile(name)
    if stored is None:
        raise ValueError(f"{name} is not a file in the archive")
    compressed = stored.read(2) == _GZIP
    stored.seek(0)
    return gzip.open(stored) if compressed else stored


def _scratch(beside: Path) -> IO[bytes]:
    return (beside.parent / f"{beside.name}.layer").open("w+b")


def _digest(stored: IO[bytes]) -> str:
    stored.seek(0)
    return hashlib.file_digest(stored, "sha256").hexdigest()  # type: ignore[arg-type]


def _add(repacked: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    repacked.addfile(member, content)


def _json(packed: tarfile.TarFile, name: str) -> Any:
    with _layer(packed, name) as content:
        return json.load(content)
