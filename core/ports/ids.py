"""UUIDs as text (RFC 9562), without the module ``uuid``, which is slow to import."""


def uuid_text(octets: bytes, version: int) -> str:
    """Return the UUID of ``version`` that has the other bits of the first 16 octets."""
    text = octets[:16].hex()
    variant = "89ab"[octets[8] >> 4 & 0b11]
    return f"{text[:8]}-{text[8:12]}-{version:x}{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
