"""Text as a book keeps it."""

import unicodedata


def clean(text: str) -> str:
    """Return ``text`` as it is stored: NFC-normalised, without white space at its ends."""
    return unicodedata.normalize("NFC", text).strip()


def has_control_characters(text: str, *, allowed: str = "") -> bool:
    """Return whether ``text`` has control characters (Cc, Cs) that are not ``allowed``."""
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text)
