from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import connect

from rx_realtime.models import SubscriptionToken
from rx_realtime.server import DevServer
from rx_realtime.wire.inngest.address import TOKEN_PATH
from rx_realtime.wire.inngest.api import MAX_PAYLOAD
from rx_realtime.wire.inngest.claims import DEV_ACCOUNT, DEV_ENV, DEV_SECRET, ISSUER
from rx_realtime.wire.inngest.ulid import is_ulid
from tests.server.clients import CHANNEL, TOPIC, bearer, connect_url, http_client

SIGNING_KEY = "signkey-test-abababababababababab"
HASHED = hashlib.sha256(bytes.fromhex(SIGNING_KEY.split("-")[2])).hexdigest()


def payload_of(jwt: str) -> Any:
    part = jwt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def test_given_an_npm_sdk_call_with_an_empty_bearer_must_return_201_and_60_s_expiry(
    server: DevServer,
):
    """Case 57."""
    async with http_client(server) as http:
        wanted = [{"channel": CHANNEL, "name": TOPIC, "kind": "run"}]
        answer = await http.post(TOKEN_PATH, json=wanted, headers={"authorization": "Bearer"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    jwt = answer.json()["jwt"]
    header = json.loads(base64.urlsafe_b64decode(jwt.split(".")[0] + "=="))
    assert header == {"alg": "HS256", "typ": "JWT"}
    payload = payload_of(jwt)
    assert payload["exp"] == payload["iat"] + 60
    assert payload["iat"] == pytest.approx(time.time(), abs=5)
    assert is_ulid(payload["jti"])
    for varies in ("exp", "iat", "jti"):
        del payload[varies]
    assert payload == {
        "iss": ISSUER,
        "sub": DEV_ACCOUNT,
        "env": DEV_ENV,
        "topics": [{"kind": "run", "env_id": DEV_ENV, "channel": CHANNEL, "name": TOPIC}],
        "publish": False,
    }


async def test_a_token_that_was_minted_opens_the_websocket(server: DevServer):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, json=[{"channel": CHANNEL, "name": TOPIC}])
    headers = bearer(answer.json()["jwt"])
    async with connect(connect_url(server), additional_headers=headers, proxy=None):
        assert server.inngest.connections == 1


@pytest.mark.parametrize(
    ("body", "topics"),
    [
        (b"[]", []),
        (b"null", None),
        (
            b'[{"name":"a","kind":"weird","env_id":"11111111-1111-4111-8111-111111111111"}]',
            [{"kind": "weird", "env_id": DEV_ENV, "channel": "", "name": "a"}],
        ),
        (
            b'[{"channel":"c","name":"a","extra":1}]',
            [{"kind": "", "env_id": DEV_ENV, "channel": "c", "name": "a"}],
        ),
        (
            b'[{"name":"a","run_id":"01JAAAAAAAAAAAAAAAAAAAAAAA"}]',
            [
                {
                    "kind": "",
                    "env_id": DEV_ENV,
                    "channel": "",
                    "name": "a",
                    "run_id": "01JAAAAAAAAAAAAAAAAAAAAAAA",
                }
            ],
        ),
    ],
)
async def test_whatever_is_a_list_of_topics_is_minted_as_the_real_server_does(
    server: DevServer, body: bytes, topics: Any
):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, content=body)
    assert answer.status_code == 201
    assert payload_of(answer.json()["jwt"])["topics"] == topics


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"x",
        b"1",
        b'["a"]',
        b'[{"channel":1}]',
        b'[{"name":"a","run_id":"no ulid"}]',
        b"[[]]",
        b"\xff",
        b"[" * 100_000,
    ],
)
async def test_what_is_no_list_of_topics_is_answered_400(server: DevServer, body: bytes):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, content=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "Invalid request: must provide a list of topics",
        "data": None,
        "status": 400,
    }


async def test_a_request_over_512_kib_is_answered_413(server: DevServer):
    async with http_client(server) as http:
        answer = await http.post(TOKEN_PATH, content=b" " * (MAX_PAYLOAD + 1))
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


async def test_a_realtime_token_mints_no_tokens(server: DevServer):
    tokens = [
        server.inngest.subscription_token(CHANNEL, [TOPIC]).key,
        server.inngest.publish_token(),
    ]
    async with http_client(server) as http:
        for token in tokens:
            answer = await http.post(TOKEN_PATH, json=[], headers=bearer(token))
            assert answer.status_code == 401
            assert answer.json()["error"] == "Not authenticated"
            answer = await http.post(
                TOKEN_PATH, json=[], params={"token": token.get_secret_value()}
            )
            assert answer.status_code == 401


async def test_other_methods_are_answered_405(server: DevServer):
    async with http_client(server) as http:
        for method in ("GET", "PUT", "DELETE", "PATCH"):
            answer = await http.request(method, TOKEN_PATH)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
            assert answer.content == b""


@pytest.mark.parametrize(
    "key", [SIGNING_KEY, f"signkey-prod-{HASHED}", HASHED, SIGNING_KEY.split("-")[2]]
)
async def test_the_signing_key_is_taken_plain_or_hashed_and_with_any_prefix(key: str):
    async with DevServer(signing_key=SIGNING_KEY) as server, http_client(server) as http:
        answer = await http.post(TOKEN_PATH, json=[], headers=bearer(key))
        assert answer.status_code == 201


@pytest.mark.parametrize("key", [None, "", "x", "signkey-test-", "signkey-test-abab", "é"])
async def test_without_the_signing_key_where_there_is_one_minting_is_answered_401(key: str | None):
    async with DevServer(signing_key=SIGNING_KEY) as server, http_client(server) as http:
        headers = {b"authorization": f"Bearer {key}".encode()} if key else {}
        answer = await http.post(TOKEN_PATH, json=[], headers=headers)
        assert answer.status_code == 401
        assert answer.text == "Authentication failed\n"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_two_servers_with_one_secret_know_each_others_tokens():
    one, two = DevServer(secret=DEV_SECRET), DevServer(secret=DEV_SECRET)
    token = one.inngest.subscription_token(CHANNEL, [TOPIC])
    async with two, connect(connect_url(two), additional_headers=bearer(token), proxy=None):
        assert two.inngest.connections == 1


def test_the_servers_own_token_says_what_it_opens():
    token = DevServer().inngest.subscription_token(CHANNEL, [TOPIC, "logs"])
    assert isinstance(token, SubscriptionToken)
    assert (token.channel, token.topics) == (CHANNEL, (TOPIC, "logs"))
