"""A problem is reported before anything is done, and nothing is done twice."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.config import PROJECT_NAME
from make.images.building import DIGESTS, Sources, build_images, read_sources
from make.images.delivering import Registry, check_clean, deliver_images, find_registry
from make.images.engine import Engine, NotReady, find_engine

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
SOURCES = Sources("a" * 40, "1.0", dirty=False, seconds=1_700_000_000)
DIGEST = f"sha256:{'d' * 64}"


def program(folder: Path, script: str) -> str:
    """Return an engine that runs a shell script and writes its arguments to the file ``calls``."""
    path = folder / "docker"
    path.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{script}\n')
    path.chmod(0o755)
    return str(path)


def calls(folder: Path) -> str:
    return (folder / "calls").read_text()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    (root / "terraform").mkdir(parents=True)
    (root / "README.md").write_text("Books")
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    for command in (("init", "-q"), ("add", "."), (*author, "commit", "-qm", "One")):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    return root


class FakeEcr:
    """ECR with some images."""

    class exceptions:  # noqa: N801 - as boto3 has it
        class ImageNotFoundException(Exception): ...

    def __init__(self, *tags: str) -> None:
        self.tags = tags

    def get_authorization_token(self) -> Any:
        token = base64.b64encode(b"AWS:secret").decode()
        return {"authorizationData": [{"authorizationToken": token}]}

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]]) -> Any:  # noqa: N803
        if imageIds[0]["imageTag"] not in self.tags:
            raise self.exceptions.ImageNotFoundException
        return {"imageDetails": [{"imageDigest": DIGEST}]}


def test_a_missing_engine_is_reported() -> None:
    with pytest.raises(NotReady, match="nowhere is not installed"):
        find_engine({"DOCKER": "nowhere"})


def test_an_engine_that_does_not_respond_is_reported_with_the_reason(tmp_path: Path) -> None:
    docker = program(tmp_path, '[ "$1" = ps ] && echo "Is it running?" >&2 && exit 1; exit 0')

    with pytest.raises(NotReady, match=r"does not respond \(Is it running\?\)"):
        find_engine({"DOCKER": docker})


def test_podman_is_recognised_by_its_version_under_any_name(tmp_path: Path) -> None:
    engine = find_engine({"DOCKER": program(tmp_path, "echo podman version 4.3.1") + " --root /x"})

    assert engine.is_podman
    assert engine.command[1:] == ("--root", "/x")


def test_a_folder_that_is_not_a_clone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="must be a clone"):
        read_sources(tmp_path, {})


def test_sources_are_the_last_commit(clone: Path) -> None:
    sources = read_sources(clone, {})

    assert sources.revision.startswith(sources.version)
    assert not sources.dirty


def test_a_clone_with_changes_is_not_delivered(clone: Path) -> None:
    (clone / "new").write_text("")

    with pytest.raises(NotReady, match="has changes"):
        check_clean(read_sources(clone, {}))


def test_files_that_a_deployment_writes_are_not_changes(clone: Path) -> None:
    (clone / DIGESTS).write_text("{}")
    for root in (clone / "terraform", clone / "terraform" / "registry"):
        root.mkdir(exist_ok=True)
        (root / ".terraform.lock.hcl").write_text("")

    check_clean(read_sources(clone, {}))


@pytest.mark.parametrize(
    "wrong", [{"VERSION": "a/b"}, {"VERSION": "-x"}, {"SOURCE_DATE_EPOCH": "now"}], ids=str
)
def test_invalid_values_are_reported(clone: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(NotReady, match=next(iter(wrong))):
        read_sources(clone, wrong)


def test_a_platform_that_lambda_lacks_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="linux/amd64 or linux/arm64"):
        build_images(
            Engine(("false",), is_podman=False), SOURCES, {"PLATFORM": "windows"}, tmp_path
        )


def test_a_missing_region_is_reported() -> None:
    with pytest.raises(NotReady, match="AWS_REGION is not set"):
        find_registry({})


def test_missing_credentials_are_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(NotReady, match="Set AWS_PROFILE"):
        find_registry({"AWS_REGION": "eu-central-1"})


def test_a_registry_other_than_amazons_is_used_as_given() -> None:
    registry = find_registry({"REGISTRY": "127.0.0.1:5000"})

    assert registry.repository("query") == f"127.0.0.1:5000/{PROJECT_NAME}/query"
    assert registry.ecr is None


def test_a_revision_that_was_delivered_is_not_built_again(clone: Path, tmp_path: Path) -> None:
    engine = Engine((program(tmp_path, "cat > /dev/null"),), is_podman=False)

    deliver_images(
        engine, Registry(HOST, FakeEcr(SOURCES.revision, SOURCES.version)), SOURCES, {}, clone
    )

    assert calls(tmp_path) == f"login --username AWS --password-stdin {HOST}\n"
    assert json.loads((clone / DIGESTS).read_text()) == {
        "command_image": f"{HOST}/{PROJECT_NAME}/command@{DIGEST}",
        "query_image": f"{HOST}/{PROJECT_NAME}/query@{DIGEST}",
    }


def test_a_revision_that_was_delivered_for_another_platform_is_built_for_this_one(
    clone: Path, tmp_path: Path
) -> None:
    docker = program(tmp_path, 'case "$1" in login) cat > /dev/null ;; build) exit 1 ;; esac')
    delivered = Registry(HOST, FakeEcr(SOURCES.revision, SOURCES.version))

    with pytest.raises(NotReady):
        deliver_images(
            Engine((docker,), is_podman=False),
            delivered,
            SOURCES,
            {"PLATFORM": "linux/arm64"},
            clone,
        )

    assert "--platform linux/arm64" in calls(tmp_path)


def test_the_tags_of_images_for_arm64_say_so(clone: Path, tmp_path: Path) -> None:
    engine = Engine((program(tmp_path, "cat > /dev/null"),), is_podman=False)
    delivered = FakeEcr(f"{SOURCES.revision}-arm64", f"{SOURCES.version}-arm64")

    deliver_images(engine, Registry(HOST, delivered), SOURCES, {"PLATFORM": "linux/arm64"}, clone)

    assert "build" not in calls(tmp_path)


def test_a_version_of_another_revision_is_refused(clone: Path, tmp_path: Path) -> None:
    engine = Engine((program(tmp_path, "cat > /dev/null"),), is_podman=False)

    with pytest.raises(NotReady, match=r"Another revision was delivered as 1\.0"):
        deliver_images(engine, Registry(HOST, FakeEcr(SOURCES.version)), SOURCES, {}, clone)

    assert "build" not in calls(tmp_path)


def test_a_failed_push_is_reported_with_the_registrys_message(tmp_path: Path) -> None:
    docker = program(
        tmp_path, '[ "$1" = push ] && echo "denied: no such repository" >&2 && exit 1; exit 0'
    )
    engine = Engine((docker,), is_podman=False)

    with pytest.raises(NotReady, match="push failed: denied: no such repository"):
        engine.push(f"{PROJECT_NAME}/query:1", f"{HOST}/{PROJECT_NAME}/query:1")


def test_passwords_are_not_on_the_command_line(tmp_path: Path) -> None:
    Engine((program(tmp_path, "cat > /dev/null"),), is_podman=False).log_in(HOST, "AWS", "secret")

    assert "secret" not in calls(tmp_path)
