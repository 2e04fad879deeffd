from __future__ import annotations

import base64
import hmac
import time
from typing import Any, cast

import jwt
import pytest
from pydantic import SecretStr

from rx_realtime.errors import OptionError
from rx_realtime.server.inngest.tokens import Keys, new_ulid
from rx_realtime.wire.inngest.claims import (
    DEV_ENV,
    DEV_SECRET,
    Claims,
    encode_claims,
)
from rx_realtime.wire.inngest.envelope import TopicKey
from rx_realtime.wire.inngest.ulid import is_ulid

SECRET = SecretStr("a secret that is long enough for " + "HS512 " * 8)
CLAIMS = Claims(DEV_ENV, (TopicKey("channel", "topic", env_id=DEV_ENV),))


def sign(secret: SecretStr = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    payload = encode_claims(CLAIMS, issued_at=now, expires_at=now + 60, token_id=new_ulid())
    payload = {name: value for name, value in (payload | changes).items() if value is not ...}
    key = None if algorithm == "none" else secret.get_secret_value()
    return str(cast(Any, jwt).encode(payload, key, algorithm=algorithm))


def test_what_is_minted_is_read():
    keys = Keys(SECRET)
    assert keys.read(keys.mint(CLAIMS)) == CLAIMS
    assert keys.read(sign()) == CLAIMS


def test_a_token_to_publish_names_no_topics():
    keys = Keys(SECRET)
    assert keys.read(keys.mint(Claims(DEV_ENV, publish=True))) == Claims(DEV_ENV, publish=True)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", ".."])
def test_what_is_no_token_is_none(token: str):
    assert Keys(SECRET).read(token) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": SecretStr(SECRET.get_secret_value()[::-1])},
        {"algorithm": "none"},
        {"algorithm": "HS384"},
        {"algorithm": "HS512"},
        {"exp": 1_000_000_000},
        {"iat": 10_000_000_000, "exp": 20_000_000_000},
        {"iss": "another"},
        {"exp": ...},
        {"iat": ...},
        {"iss": ...},
        {"env": ...},
        {"env": 7},
        {"topics": "all"},
        {"topics": [{"channel": 1}]},
    ],
)
def test_what_is_forged_late_early_or_incomplete_is_no_token(changes: dict[str, Any]):
    assert Keys(SECRET).read(sign()) is not None
    assert Keys(SECRET).read(sign(**changes)) is None


def test_a_token_is_over_in_the_second_that_it_names():
    keys = Keys(SECRET)
    assert keys.read(keys.mint(CLAIMS, lifetime=0)) is None


def test_the_vendors_short_dev_secret_signs_as_theirs_does():
    signed, _, signature = Keys(SecretStr(DEV_SECRET)).mint(CLAIMS).rpartition(".")
    digest = hmac.digest(DEV_SECRET.encode(), signed.encode(), "sha256")
    assert signature == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_secrets_are_random_where_none_is_given():
    assert Keys().read(Keys().mint(CLAIMS)) is None


@pytest.mark.parametrize("key", ["signkey-test-", "", "signkey-test-xyz", "no key"])
def test_a_signing_key_that_is_none_is_refused(key: str):
    with pytest.raises(OptionError):
        Keys(signing_key=SecretStr(key))


def test_nothing_shows_a_secret():
    keys = Keys(SECRET, SecretStr("signkey-test-abab"), SecretStr("event-key"))
    assert SECRET.get_secret_value() not in repr(keys)
    assert "abab" not in repr(vars(keys).get("_event_key"))


def test_new_ids_are_ulids_and_never_the_same():
    ids = {new_ulid() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(map(is_ulid, ids))
