"""Language tags (BCP 47, RFC 5646)."""

import re

_LANGTAG = re.compile(
    r"""
    (?P<language>[a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})
    (?P<script>-[a-z]{4})?
    (?P<region>-(?:[a-z]{2}|\d{3}))?
    (?P<variants>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)
    (?P<extensions>(?:-[a-wy-z\d](?:-[a-z\d]{2,8})+)*)
    (?P<private>-x(?:-[a-z\d]{1,8})+)?
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
MAX_TAG_CHARACTERS = 35
"""RFC 5646, section 4.4.1: a buffer of 35 characters holds every tag that is in practical use."""


def canonical_language(text: str) -> str:
    """Return a well-formed tag in its recommended case: ``EN-latn-gb`` -> ``en-Latn-GB``.

    RFC 5646, section 2.1.1.
    Well-formed, not registered: no registry is asked. Raises ValueError, with a message for the
    client.
    """
    tag = _LANGTAG.fullmatch(text)
    if tag is None or len(text) > MAX_TAG_CHARACTERS:
        raise ValueError("must be a BCP 47 language tag such as en, pt-BR or zh-Hant")
    script, region = tag["script"] or "", tag["region"] or ""
    rest = (tag["variants"] + tag["extensions"] + (tag["private"] or "")).lower()
    return tag["language"].lower() + script.title() + region.upper() + rest
