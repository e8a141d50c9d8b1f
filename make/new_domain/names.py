"""The names of a new project, as AWS, Python and the engine's own vocabulary allow them."""

import builtins
import keyword
import re
from dataclasses import dataclass
from typing import Final

MAX_NAME_CHARACTERS: Final = 20
"""IAM takes 64: NAME-command-ENVIRONMENT-api_handler has up to 41 beside NAME."""

MAX_WORD_CHARACTERS: Final = 20

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_WORD: Final = re.compile(r"[a-z]+", re.ASCII)


class Refused(Exception):
    """A project that cannot be made; ``str()`` is one line that says why."""


@dataclass(frozen=True, slots=True)
class Names:
    """``project`` begins names in AWS; ``aggregate`` and ``plural`` are the domain's thing."""

    project: str
    aggregate: str
    plural: str

    @property
    def title(self) -> str:
        """Return the project's name for people."""
        return " ".join(word.capitalize() for word in self.project.split("-"))


def read_names(project: str, aggregate: str, plural: str, reserved: frozenset[str]) -> Names:
    """Return the names. ``plural`` may be empty. Raises Refused."""
    names = Names(project, aggregate, plural or f"{aggregate}s")
    _check_project(names.project)
    _check_word("AGGREGATE", names.aggregate, reserved)
    _check_word("PLURAL", names.plural, reserved)
    if names.plural == names.aggregate:
        raise Refused(
            f"PLURAL={names.plural} must differ from AGGREGATE: both are names in the code."
        )
    return names


def _check_project(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME_CHARACTERS:
        raise Refused(
            f"NAME={name} is in names of AWS: it must have 1 to {MAX_NAME_CHARACTERS} lowercase"
            " letters, digits and single hyphens, a letter first."
        )


def _check_word(what: str, word: str, reserved: frozenset[str]) -> None:
    if not _WORD.fullmatch(word) or len(word) > MAX_WORD_CHARACTERS:
        raise Refused(
            f"{what}={word} is a word in the code: it must have 1 to {MAX_WORD_CHARACTERS}"
            " lowercase letters."
        )
    if keyword.iskeyword(word) or keyword.issoftkeyword(word) or hasattr(builtins, word):
        raise Refused(f"{what}={word} means something else in Python.")
    if word in reserved:
        raise Refused(f"{what}={word} means something else in the engine.")
