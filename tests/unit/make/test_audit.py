"""``make audit`` with a fake pip-audit."""

import json
from pathlib import Path
from typing import Any

import pytest

from make.audit import main

FINDING = {"id": "CVE-2026-1", "fix_versions": ["1.1", "2.0"]}
UNFIXED = {"id": "CVE-2026-2", "fix_versions": []}


@pytest.fixture
def advisories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of what pip-audit reports; without that file it fails."""
    report = tmp_path / "advisories.json"
    (tmp_path / "pip_audit.py").write_text(
        "import pathlib, shutil, sys\n"
        f"report = pathlib.Path({str(report)!r})\n"
        "if not report.exists():\n"
        "    sys.exit('a long story\\nno route to host')\n"
        "shutil.copy(report, sys.argv[sys.argv.index('--output') + 1])\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return report


def write(report: Path, *findings: dict[str, Any]) -> None:
    package = {"name": "parcel", "version": "1.0", "vulns": findings}
    skipped = {"name": "other", "skip_reason": "not on the index"}
    report.write_text(json.dumps({"dependencies": [package, skipped]}))


def test_no_known_vulnerability_is_success(
    advisories: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(advisories)
    main(["a.txt", "b.txt"])
    assert capsys.readouterr().out == "No known vulnerabilities in a.txt, b.txt.\n"


def test_every_vulnerability_is_a_line_with_the_versions_that_fix_it(advisories: Path) -> None:
    write(advisories, FINDING, UNFIXED)
    with pytest.raises(SystemExit) as leaving:
        main(["a.txt"])
    assert leaving.value.code == (
        "a.txt: parcel 1.0: CVE-2026-1, fixed in 1.1, 2.0\n"
        "a.txt: parcel 1.0: CVE-2026-2, fixed in no version yet"
    )


def test_an_unavailable_service_is_not_success(
    advisories: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not advisories.exists()
    with pytest.raises(SystemExit) as leaving:
        main(["a.txt"])
    assert leaving.value.code == 2
    assert "does not respond (no route to host)" in capsys.readouterr().err
