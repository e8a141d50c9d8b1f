"""The table in the README names existing tests and the options of the command."""

from __future__ import annotations

import re
from pathlib import Path

from chalice_terraform.merging.drops import DROPS

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_table_names_tests_that_exist() -> None:
    code = "".join(path.read_text() for path in Path(__file__).parent.rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", README))
    assert len(named) > 30
    assert named <= set(re.findall(r"def (test_\w+)", code))


def test_the_table_lists_every_drop() -> None:
    table = set(re.findall(r"--allow-drop ([\w-]+)", README))
    assert table == set(DROPS) - {"identity-validation"}  # no Chalice feature produces it
