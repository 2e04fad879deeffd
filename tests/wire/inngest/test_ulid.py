from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rx_realtime.wire.inngest.ulid import encode_ulid, is_ulid

MOMENTS = st.integers(0, 2**48 - 1)
ENTROPY = st.binary(min_size=10, max_size=10)


@pytest.mark.parametrize(
    ("milliseconds", "entropy", "ulid"),
    [
        (0, bytes(10), "0" * 26),
        (2**48 - 1, b"\xff" * 10, "7" + "Z" * 25),
        (1469922850259, bytes(10), "01ARZ3NDEK" + "0" * 16),  # the time in the ULID specification
    ],
)
def test_known_ids(milliseconds: int, entropy: bytes, ulid: str):
    assert encode_ulid(milliseconds, entropy) == ulid


@given(MOMENTS, ENTROPY)
def test_whatever_is_encoded_is_an_id(milliseconds: int, entropy: bytes):
    assert is_ulid(encode_ulid(milliseconds, entropy))
    assert is_ulid(encode_ulid(milliseconds, entropy).lower())


@given(MOMENTS, MOMENTS, ENTROPY, ENTROPY)
def test_ids_sort_by_their_time(one: int, two: int, this: bytes, that: bytes):
    if one < two:
        assert encode_ulid(one, this) < encode_ulid(two, that)


@pytest.mark.parametrize(
    "text",
    ["", "0" * 25, "0" * 27, "8" + "0" * 25, "I" * 26, "0" * 25 + "U", "0" * 25 + "é", "-" * 26],
)
def test_what_is_no_id(text: str):
    assert not is_ulid(text)
