import os
import sys
from pathlib import Path

import pytest

from apps.exporter.__main__ import main, parse_options
from apps.importer.formats import Format


def test_defaults_are_for_this_machine() -> None:
    options = parse_options(["some/books.csv"], {"URL": ""})
    assert options.url == "http://127.0.0.1:8001"
    assert options.format is Format.CSV


def test_make_passes_the_file_its_format_and_the_url_in_the_environment() -> None:
    given = {"FILE": "books.txt", "FORMAT": "ndjson", "URL": "https://api.example.com"}
    options = parse_options([], given)
    assert options.file == Path("books.txt")
    assert options.format is Format.NDJSON
    assert options.url == "https://api.example.com"
    split = {**given, "QUERY_URL": "http://127.0.0.1:9001"}
    assert parse_options([], split).url == "http://127.0.0.1:9001"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "name the file to write"),
        (["books.txt"], "'txt' is no format"),
        (["books"], "'' is no format"),
        ([os.devnull, "--format", "csv"], "is not a file"),
        (["b.csv", "--url", "127.0.0.1:8000"], "is not a URL such as"),
        (["b.csv", "--parallel", "0"], "must be 1 to 64"),
    ],
)
def test_invalid_arguments_exit_with_2_and_a_reason(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        parse_options(arguments, {})
    assert leaving.value.code == 2
    assert reason in capsys.readouterr().err


def test_a_file_that_cannot_be_written_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["exporter", str(tmp_path / "absent" / "books.csv")])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 2
    assert "books.csv.part: No such file or directory" in capsys.readouterr().err
