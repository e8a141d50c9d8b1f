"""UUIDs as text (RFC 9562), without the module ``uuid``, which is slow to import."""

_VERSION_AND_VARIANT = 0xF << 76 | 0b11 << 62


def uuid_text(octets: bytes, version: int) -> str:
    """Return the UUID of ``version`` that has the other bits of the first 16 octets."""
    number = int.from_bytes(octets[:16], "big") & ~_VERSION_AND_VARIANT
    digits = f"{number | version << 76 | 0b10 << 62:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
