from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from rx_realtime.wire.inngest.claims import (
    DEV_ACCOUNT,
    DEV_ENV,
    ISSUER,
    Claims,
    address_of,
    decode_claims,
    decode_topics,
    encode_claims,
)
from rx_realtime.wire.inngest.envelope import TopicKey

CLAIMS = Claims(DEV_ENV, (TopicKey("channel", "topic", env_id=DEV_ENV),))


def encode(claims: Claims) -> Any:
    return encode_claims(claims, issued_at=1, expires_at=61, token_id="id")


@pytest.mark.parametrize(
    "claims",
    [CLAIMS, Claims(DEV_ENV, ()), Claims(DEV_ENV), Claims("another", publish=True)],
)
def test_what_is_encoded_is_decoded(claims: Claims):
    assert decode_claims(encode(claims)) == claims


def test_claims_stand_in_the_order_of_the_real_server():
    assert encode(CLAIMS) == {
        "iss": ISSUER,
        "sub": DEV_ACCOUNT,
        "exp": 61,
        "iat": 1,
        "jti": "id",
        "env": DEV_ENV,
        "topics": [{"kind": "run", "env_id": DEV_ENV, "channel": "channel", "name": "topic"}],
        "publish": False,
    }
    assert [*encode(CLAIMS)][2:5] == ["exp", "iat", "jti"]


@pytest.mark.parametrize(
    "claims", [{}, {"env": 1}, {"env": "e", "topics": 1}, {"env": "e", "publish": "maybe"}]
)
def test_claims_that_are_not_ours_are_none(claims: dict[str, Any]):
    assert decode_claims(claims) is None


@pytest.mark.parametrize(
    ("body", "topics"),
    [
        (b"null", None),
        (b"[]", ()),
        (b"[{}]", (TopicKey("", "", kind="", env_id="mine"),)),
        (
            b'[{"kind":"run","channel":"c","name":"n","env_id":"yours","more":1}]',
            (TopicKey("c", "n", env_id="mine"),),
        ),
    ],
)
def test_topics_are_wanted_in_the_env_of_who_asks(body: bytes, topics: Any):
    assert decode_topics(body, "mine") == topics


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"[null]", b'[{"name":1}]', b'[{"run_id":"x"}]', b"\xff"]
)
def test_what_is_no_list_of_topics_is_an_error(body: bytes):
    with pytest.raises(ValidationError):
        decode_topics(body, "mine")


def test_a_topic_is_told_from_others_by_env_channel_and_name():
    assert address_of(TopicKey("c", "n"), "mine") == ("mine", "c", "n")
    assert address_of(TopicKey("c", "n", env_id="yours"), "mine") == ("yours", "c", "n")


def test_a_topic_of_another_kind_is_never_one_of_a_channel():
    for kind in ("event", "", "weird"):
        address = address_of(TopicKey("c", "n", kind=kind), "mine")
        assert address == ("mine", None, "n")
        assert address != address_of(TopicKey("", "n"), "mine")
