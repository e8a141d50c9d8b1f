import sys
from pathlib import Path

import pytest

from apps.importer.__main__ import main, parse_options
from apps.importer.formats import Format


def test_defaults_are_for_this_machine() -> None:
    options = parse_options(["some/books.csv"], {})
    assert options.url == "http://127.0.0.1:8000"
    assert options.query_url == "http://127.0.0.1:8001"
    assert options.issuer == "http://127.0.0.1:8002"
    assert options.rejects == Path("books.rejects.csv")
    assert options.token is None
    assert options.format is Format.CSV
    assert not options.dry_run


def test_elsewhere_one_api_serves_both_services() -> None:
    options = parse_options(["books.csv", "--url", "https://api.example.com"], {})
    assert options.query_url == "https://api.example.com"


def test_make_passes_the_file_and_the_urls_in_the_environment() -> None:
    options = parse_options([], {"FILE": "books.csv", "URL": ""})
    assert options.file == Path("books.csv")
    assert options.url == "http://127.0.0.1:8000"
    elsewhere = {"FILE": "books.csv", "QUERY_URL": "http://127.0.0.1:9001"}
    assert parse_options([], elsewhere).query_url == "http://127.0.0.1:9001"


def test_make_passes_the_format_and_a_dry_run_in_the_environment() -> None:
    options = parse_options([], {"FILE": "books.txt", "FORMAT": "ndjson", "DRY_RUN": "1"})
    assert options.format is Format.NDJSON
    assert options.rejects == Path("books.rejects.ndjson")
    assert options.dry_run


def test_the_token_and_the_issuer_come_from_the_environment_too() -> None:
    given = {"BOOKS_TOKEN": "secret", "JWT_ISSUER": "https://tenant.example/"}
    options = parse_options(["books.csv"], given)
    assert (options.token, options.issuer) == ("secret", "https://tenant.example/")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "name the file to import"),
        (["b.csv", "--url", "127.0.0.1:8000"], "is not a URL such as"),
        (["b.csv", "--url", "http://[::1"], "--url"),
        (["b.csv", "--url", "http://api.example.com"], "must be an https URL: a token is sent"),
        (["b.csv", "--parallel", "0"], "must be 1 to 64"),
        (["b.csv", "--parallel", "many"], "must be 1 to 64"),
        (["b.csv", "--rejects", "b.csv"], "must be another file"),
        (["b.txt"], "'txt' is no format"),
    ],
)
def test_invalid_arguments_exit_with_2_and_a_reason(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as leaving:
        parse_options(arguments, {})
    assert leaving.value.code == 2
    assert reason in capsys.readouterr().err


def test_a_missing_file_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["importer", "absent.csv"])
    with pytest.raises(SystemExit) as leaving:
        main()
    assert leaving.value.code == 2
    assert capsys.readouterr().err == "cannot read absent.csv: No such file or directory\n"
    assert list(tmp_path.iterdir()) == []
