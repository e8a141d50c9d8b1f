"""An id is the text that the standard library makes of the same UUID."""

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from core.ports.ids import uuid_text

OCTETS = st.binary(min_size=16, max_size=32)
VERSIONS = st.integers(1, 8)


@given(OCTETS, VERSIONS)
def test_an_id_is_a_uuid_in_canonical_form(octets: bytes, version: int) -> None:
    text = uuid_text(octets, version)

    parsed = UUID(text)
    assert (str(parsed), parsed.version, parsed.variant) == (text, version, RFC_4122)


@given(OCTETS, VERSIONS)
def test_an_id_keeps_all_other_bits(octets: bytes, version: int) -> None:
    expected = bytearray(octets[:16])
    expected[6] = expected[6] & 0x0F | version << 4
    expected[8] = expected[8] & 0x3F | 0x80

    assert UUID(uuid_text(octets, version)).bytes == bytes(expected)
