"""What no project can be made of is refused in one line, and leaves nothing behind."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from make.new_domain import building
from make.new_domain.building import generate
from make.new_domain.names import Names, Refused, read_names

GOOD = {"NAME": "lending", "AGGREGATE": "loan"}


def refused(environment: Mapping[str, str]) -> str:
    with pytest.raises(Refused) as refusal:
        generate(environment)
    message = str(refusal.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("missing", ["NAME", "AGGREGATE", "DIR"])
def test_what_is_missing_is_named(missing: str, tmp_path: Path) -> None:
    given = {**GOOD, "DIR": str(tmp_path / "new"), missing: ""}
    assert refused(given).startswith(f"{missing}= is missing")


@pytest.mark.parametrize(
    "name",
    ["Lending", "lending desk", "9lives", "-a", "a-", "a--b", "l_g", "größe", "a" * 21, "a/b"],
)
def test_a_name_that_aws_would_refuse_is_refused(name: str, tmp_path: Path) -> None:
    assert "names of AWS" in refused({**GOOD, "NAME": name, "DIR": str(tmp_path / "new")})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "word",
    [
        *("Loan", "a b", "lo-an", "l0an", "lo_an", "a" * 21),
        *("class", "match", "list", "id"),
        *(
            "view",
            "event",
            "events",
            "command",
            "listing",
            "stream",
            "decider",
            "catalogue",
            "page",
        ),
        *("test", "health"),
        *("body", "value"),  # names of variables beside that of a book
    ],
)
def test_a_word_with_another_meaning_is_refused(word: str, tmp_path: Path) -> None:
    given = {**GOOD, "DIR": str(tmp_path / "new")}
    assert f"AGGREGATE={word} " in refused({**given, "AGGREGATE": word})
    assert f"PLURAL={word} " in refused({**given, "PLURAL": word})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["loan", "order", "account", "invoice", "subscription"])
def test_usual_words_are_taken(word: str) -> None:
    vocabulary = building.vocabulary()
    assert read_names("my-shop", word, "", vocabulary) == Names("my-shop", word, f"{word}s")


def test_a_plural_may_have_rules_of_its_own() -> None:
    assert read_names("a", "copy", "copies", frozenset()).plural == "copies"
    with pytest.raises(Refused, match="must differ"):
        read_names("a", "sheep", "sheep", frozenset())


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    assert "not an empty folder" in refused({**GOOD, "DIR": str(tmp_path)})
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    assert "not an empty folder" in refused({**GOOD, "DIR": str(tmp_path / "file")})


def test_a_folder_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "there is no folder" in refused({**GOOD, "DIR": str(tmp_path / "a" / "b")})


def test_a_folder_in_this_repository_is_refused() -> None:
    assert "in this repository" in refused({**GOOD, "DIR": str(building.ROOT / "new")})


def test_a_copy_without_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "ROOT", tmp_path)
    assert "not a git checkout" in refused({**GOOD, "DIR": str(tmp_path.parent / "new")})


def test_what_fails_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: str, cwd: Path) -> None:
        raise OSError(f"no space left in {cwd}")

    monkeypatch.setattr(building, "_run", fail)
    with pytest.raises(OSError, match="no space left"):
        generate({**GOOD, "DIR": str(tmp_path / "new")})
    assert list(tmp_path.iterdir()) == []
