from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from pydantic import SecretStr
from starlette.requests import Request

from rx_realtime.errors import OptionError
from rx_realtime.server.trigger.ids import DEV_ENVIRONMENT
from rx_realtime.server.trigger.keys import DEV_SECRET_KEY, Caller, Keys
from rx_realtime.wire.trigger.claims import AUDIENCE, ISSUER, PublicClaims

KEY = "tr_dev_" + "k" * 64


def request(token: str) -> Request:
    value = f"Bearer {token}".encode()
    return Request({"type": "http", "headers": [(b"authorization", value)]})


def signed(key: str = KEY, algorithm: str = "HS256", **changes: Any) -> str:
    """Sign a token as the npm SDK does, but for some claims; None leaves one out."""
    now = int(time.time())
    claims = {
        "sub": DEV_ENVIRONMENT,
        "pub": True,
        "scopes": ["read:runs"],
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 60,
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def test_a_token_that_a_client_signed_with_the_secret_key_is_good():
    """Case 77."""
    caller = Keys(SecretStr(KEY)).caller(request(signed()))
    assert isinstance(caller, Caller)
    assert caller.claims == PublicClaims(env=DEV_ENVIRONMENT, scopes=("read:runs",))


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (signed(key="tr_dev_" + "x" * 64), "Public Access Token is invalid"),
        (signed(exp=int(time.time()) - 1), "Public Access Token is invalid"),
        (signed(iss="https://elsewhere"), "Public Access Token is invalid"),
        (signed(aud="https://elsewhere"), "Public Access Token is invalid"),
        (signed(aud=None), "Public Access Token is invalid"),
        (signed(algorithm="HS512"), "Public Access Token is invalid"),
        (signed(scopes="read:runs"), "Public Access Token is invalid"),
        (signed(sub="another"), "Invalid Public Access Token"),
        (signed(sub=None), "Invalid Public Access Token"),
        (signed(pub=None), "Invalid API key"),
    ],
)
def test_any_other_token_is_refused(token: str, why: str):
    """Case 77."""
    assert Keys(SecretStr(KEY)).caller(request(token)) == why


def test_a_token_without_a_signature_is_refused():
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    payload = signed().split(".")[1]
    token = f"{part({'alg': 'none'})}.{payload}."
    assert Keys(SecretStr(KEY)).caller(request(token)) == "Public Access Token is invalid"


def test_a_token_is_no_key_where_no_token_is_accepted():
    assert Keys(SecretStr(KEY)).caller(request(signed()), tokens=False) == "Invalid API key"


def test_what_it_mints_looks_like_what_the_sdk_mints():
    claims = PublicClaims(
        env=DEV_ENVIRONMENT, scopes=("read:tags:a:b",), skip_columns=("payload",), one_time=True
    )
    token = Keys(SecretStr(KEY)).mint(claims)
    assert jwt.get_unverified_header(token) == {"alg": "HS256"}
    said = jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE)
    assert said.pop("exp") - said.pop("iat") == 900
    assert said == {
        "sub": DEV_ENVIRONMENT,
        "pub": True,
        "scopes": ["read:tags:a:b"],
        "otu": True,
        "realtime": {"skipColumns": ["payload"]},
        "iss": ISSUER,
        "aud": AUDIENCE,
    }


def test_a_short_key_signs_as_it_does_for_the_sdk():
    keys = Keys()
    token = keys.mint(PublicClaims(env=DEV_ENVIRONMENT))
    padded = DEV_SECRET_KEY.encode().ljust(32, b"\0")
    assert jwt.decode(token, padded, algorithms=["HS256"], audience=AUDIENCE)["pub"] is True


def test_additional_keys_open_and_an_empty_one_is_none():
    keys = Keys(SecretStr(KEY), [SecretStr("tr_dev_sk_1")])
    assert keys.caller(request("tr_dev_sk_1")) == Caller()
    with pytest.raises(OptionError):
        Keys(SecretStr(" "))


def test_a_one_time_token_is_spent_once_and_others_never():
    keys = Keys(SecretStr(KEY))
    once = keys.caller(request(signed(otu=True)))
    often = keys.caller(request(signed()))
    assert isinstance(once, Caller)
    assert isinstance(often, Caller)
    assert [keys.spend(once), keys.spend(once)] == [True, False]
    assert [keys.spend(often), keys.spend(often), keys.spend(Caller())] == [True] * 3


def test_tokens_that_were_shown_can_expire_at_once_and_new_ones_are_good():
    keys = Keys(SecretStr(KEY))
    old, new = signed(), signed(scopes=["read:tags"])
    assert isinstance(keys.caller(request(old)), Caller)
    keys.expire_shown()
    assert keys.caller(request(old)) == "Public Access Token is invalid"
    assert isinstance(keys.caller(request(new)), Caller)
