"""The ids of streams as the catalogue keeps them: a UUID takes 16 bytes, any other text itself."""


def packed(stream: str) -> str | bytes:
    """Return ``stream`` as it is kept."""
    try:
        kept = bytes.fromhex(stream.replace("-", ""))
    except ValueError:
        return stream
    return kept if len(kept) == 16 and unpacked(kept) == stream else stream


def unpacked(kept: str | bytes) -> str:
    """Return the stream whose id is ``kept``."""
    if isinstance(kept, str):
        return kept
    digits = kept.hex()
    parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
    return "-".join(parts)
