"""Every form of a token, every form of nonsense, and nothing that shows the key."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from rx_realtime.errors import TokenError
from rx_realtime.models import SubscriptionToken

KEY = SecretStr("canary.eyJ.x-_=")
TEXT = KEY.get_secret_value()
FULL = SubscriptionToken(KEY, "ch", ("t", "u"), "http://h/")

FORMS: dict[str, tuple[object, SubscriptionToken]] = {
    "a key": (TEXT, SubscriptionToken(KEY)),
    "a secret key": (KEY, SubscriptionToken(KEY)),
    "a token": (FULL, FULL),
    "a client token": ({"key": TEXT}, SubscriptionToken(KEY)),
    "a client token with its server": (
        {"key": TEXT, "apiBaseUrl": "http://h/"},
        SubscriptionToken(KEY, api_base_url="http://h/"),
    ),
    "a client token with its server, in Python": (
        {"key": TEXT, "api_base_url": "http://h/"},
        SubscriptionToken(KEY, api_base_url="http://h/"),
    ),
    "a full token": (
        {"key": TEXT, "channel": "ch", "topics": ["t", "u"], "apiBaseUrl": "http://h/"},
        FULL,
    ),
    "a full token whose channel went through JSON": (
        {
            "key": TEXT,
            "channel": {"name": "ch", "topics": {"t": {}}},
            "topics": ["t", "u"],
            "apiBaseUrl": "http://h/",
        },
        FULL,
    ),
    "topics as an object, whose names they are": (
        {"key": TEXT, "channel": "ch", "topics": {"t": {}, "u": {}}, "apiBaseUrl": "http://h/"},
        FULL,
    ),
    "nulls say nothing": (
        {"key": TEXT, "channel": None, "topics": None, "apiBaseUrl": None},
        SubscriptionToken(KEY),
    ),
    "an empty server says nothing": ({"key": TEXT, "apiBaseUrl": ""}, SubscriptionToken(KEY)),
    "a secret inside": ({"key": KEY, "more": "is passed over"}, SubscriptionToken(KEY)),
    "any mapping": (MappingProxyType({"key": TEXT}), SubscriptionToken(KEY)),
}


@pytest.mark.parametrize(("given", "token"), FORMS.values(), ids=FORMS.keys())
def test_a_token_is_read_from_any_of_its_forms(given: object, token: SubscriptionToken):
    assert SubscriptionToken.parse(given) == token


class Sulky:
    """An object that will not even say whether it is true."""

    def __bool__(self) -> bool:
        raise ValueError("canary")

    def __repr__(self) -> str:
        return "canary"


NONSENSE: dict[str, tuple[object, str]] = {
    "None": (None, "a token is a string, .* not NoneType"),
    "a number": (5, "not int"),
    "a flag": (True, "not bool"),
    "bytes": (b"canary", "not bytes"),
    "a list": (["canary"], "not list"),
    "an object of somebody's": (Sulky(), "not Sulky"),
    "a class": (SubscriptionToken, "not type"),
    "an exception": (ValueError("canary"), "not ValueError"),
    "an empty key": ("", "a token needs a key: a non-empty string, not nothing"),
    "a blank key": (" \t", "a non-empty string, not nothing"),
    "an empty secret key": (SecretStr(""), "a non-empty string, not nothing"),
    "a token with an empty key": (SubscriptionToken(SecretStr("")), "not nothing"),
    "a token with a broken key": (SubscriptionToken(SecretStr("canary\n")), "characters"),
    "a key and a line break": ("canary\n", "characters that no key has"),
    "a key and another header": ("canary\r\nX: y", "characters that no key has"),
    "a key and a NUL": ("canary\0", "characters that no key has"),
    "a key with a space": ("Bearer canary", "characters that no key has"),
    "a key beyond ASCII": ("canäry", "characters that no key has"),
    "a mapping without a key": ({}, "a token needs a key: a non-empty string, not nothing"),
    "a JWT under another name": ({"jwt": "canary"}, "not nothing"),
    "a key that is null": ({"key": None}, "not nothing"),
    "a key that is a number": ({"key": 5}, "not int"),
    "a key that is false": ({"key": False}, "not bool"),
    "a key that is bytes": ({"key": b"canary"}, "not bytes"),
    "a key that is a token": ({"key": FULL}, "not SubscriptionToken"),
    "a key that sulks": ({"key": Sulky()}, "not Sulky"),
    "a channel that is a number": ({"key": TEXT, "channel": 5}, "channel is a string, not int"),
    "a channel that is a list": ({"key": TEXT, "channel": ["canary"]}, "not list"),
    "a channel whose name is a number": ({"key": TEXT, "channel": {"name": 5}}, "not int"),
    "topics that are text": (
        {"key": TEXT, "topics": "canary"},
        "topics are a list of strings, not ",
    ),
    "topics that are a number": ({"key": TEXT, "topics": 5}, "not int"),
    "topics that are numbers": ({"key": TEXT, "topics": [5]}, "topics are a list of strings"),
    "topics that are bytes": ({"key": TEXT, "topics": b"canary"}, "topics are a list of strings"),
    "topics that are nothings": ({"key": TEXT, "topics": [None]}, "topics are a list of strings"),
    "a server that is a number": ({"key": TEXT, "apiBaseUrl": 5}, "apiBaseUrl is a string"),
    "a server that is false": ({"key": TEXT, "apiBaseUrl": False}, "apiBaseUrl is a string"),
}


@pytest.mark.parametrize(("given", "why"), NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_no_token_and_is_not_shown(given: object, why: str):
    with pytest.raises(TokenError, match=why) as caught:
        SubscriptionToken.parse(given)
    for shown in (str(caught.value), repr(caught.value), repr(caught.value.__context__)):
        assert "canary" not in shown


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "channel", "topics", "apiBaseUrl", "name"]), inner, max_size=4
        )
    ),
    max_leaves=5,
)


@given(ANYTHING)
def test_anything_is_a_token_or_a_token_error(given: object):
    try:
        token = SubscriptionToken.parse(given)
    except TokenError:
        return
    assert token.key.get_secret_value().strip()
    assert SubscriptionToken.parse(token) is token


def test_a_token_shows_everything_but_its_key():
    for shown in (repr(FULL), str(FULL), f"{FULL}", repr([FULL]), repr(dataclasses.asdict(FULL))):
        assert "canary" not in shown
        assert "'ch'" in shown
        assert "http://h/" in shown


def test_a_token_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(FULL)) == FULL  # noqa: S301  # our own bytes


# ── what it opens ─────────────────────────────────────────────────────────────────────────────


def test_a_full_token_keeps_its_channel_and_topics():
    assert FULL.completed("other", ["v"]) is FULL
    assert FULL.completed(None, ()) is FULL


@pytest.mark.parametrize(
    "token",
    [
        SubscriptionToken(KEY),
        SubscriptionToken(KEY, channel="only"),
        SubscriptionToken(KEY, topics=("only",)),
        SubscriptionToken(KEY, channel="only", topics=()),
        SubscriptionToken(KEY, channel="", topics=("only",)),
    ],
    ids=["neither", "a channel", "topics", "a channel and no topics", "no channel and topics"],
)
def test_any_other_token_takes_both_from_the_options_or_is_refused(token: SubscriptionToken):
    completed = token.completed("ch", iter(["t", "u"]))
    assert (completed.channel, completed.topics) == ("ch", ("t", "u"))
    assert completed.key == KEY
    for channel, topics in ((None, ["t"]), ("ch", []), (None, []), ("", ["t"])):
        with pytest.raises(TokenError, match="names no channel and topics"):
            token.completed(channel, topics)


@pytest.mark.parametrize(
    ("token", "client"),
    [
        (SubscriptionToken(KEY, "ch", ("t",)), {"key": TEXT}),
        (FULL, {"key": TEXT, "apiBaseUrl": "http://h/"}),
    ],
)
def test_a_browser_gets_the_key_and_where_to_use_it(
    token: SubscriptionToken, client: Mapping[str, Any]
):
    assert token.for_client() == client
    assert SubscriptionToken.parse(client).key == KEY
