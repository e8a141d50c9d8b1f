"""Text as a book keeps it."""

import unicodedata


def clean(text: str) -> str:
    """Return ``text`` NFC-normalised and without white space at its ends (the form that is stored)."""
    return unicodedata.normalize("NFC", text).strip()


def has_control_characters(text: str, *, allowed: str = "") -> bool:
    """Return whether ``text`` has a control character (Cc) or a lone surrogate (Cs) that is not ``allowed``."""
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text)
