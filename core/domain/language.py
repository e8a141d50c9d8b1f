"""Language tags (BCP 47, RFC 5646)."""

import re
from typing import Any, Final

# Without flags and named groups, which JSON Schema's regular expressions do not have.
_TAG: Final = (
    "([A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})"  # language
    "(-[A-Za-z]{4})?"  # script
    "(-(?:[A-Za-z]{2}|[0-9]{3}))?"  # region
    "("
    "(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"  # variants
    "(?:-[A-WYZa-wyz0-9](?:-[A-Za-z0-9]{2,8})+)*"  # extensions
    "(?:-[Xx](?:-[A-Za-z0-9]{1,8})+)?"  # private use
    ")"
)
_LANGTAG: Final = re.compile(_TAG)

MAX_TAG_CHARACTERS = 35
"""RFC 5646, section 4.4.1: a buffer of 35 characters holds every tag that is in practical use."""

LANGUAGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "string",
    "maxLength": MAX_TAG_CHARACTERS,
    "pattern": f"^{_TAG}$",
    "description": "A language tag (BCP 47), stored in its recommended case.",
}
"""The JSON Schema of what ``canonical_language`` takes and returns."""


def canonical_language(text: str) -> str:
    """Return a well-formed tag in its recommended case: ``EN-latn-gb`` -> ``en-Latn-GB``.

    RFC 5646, section 2.1.1.
    Well-formed, not registered: no registry is asked. Raises ValueError, with a message for the
    client.
    """
    tag = _LANGTAG.fullmatch(text)
    if tag is None or len(text) > MAX_TAG_CHARACTERS:
        raise ValueError("must be a BCP 47 language tag such as en, pt-BR or zh-Hant")
    language, script, region, rest = tag.groups("")
    return language.lower() + script.title() + region.upper() + rest.lower()
