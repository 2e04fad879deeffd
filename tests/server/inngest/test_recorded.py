"""What the real server answered, asked again of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rx_realtime.models import SubscriptionToken
from rx_realtime.server import DevServer
from tests.server.clients import CHANNEL, TOPIC, bearer, http_client

RECORDED = Path(__file__).parents[2] / "data" / "inngest-http.jsonl"

#: Not to be asked again: bodies that were shortened or streamed, runs of long ago, and a server
#: whose keys the recording does not tell.
CUT_OFF = (" chars]", "<chunked stream>")
RUNS_OF_LONG_AGO = ("/v1/runs/", "/v1/events/")

#: Where we deliberately answer otherwise: the real server lets the holder of a subscription token
#: mint itself tokens for other topics.
BETTER = {("POST /v1/realtime/token", "Bearer jwt-31"): 401}

HEADERS = ("content-type", "allow", "content-length")


def exchanges() -> Iterator[Any]:
    seen = set[str]()
    for line in RECORDED.read_text("utf-8").splitlines():
        exchange = json.loads(line)
        asked = json.dumps(
            [exchange[part] for part in ("request", "request_headers", "request_body")]
        )
        if (
            exchange["server"] == "dev"
            and asked not in seen
            and not exchange["request_body"].endswith(CUT_OFF)
            and not any(path in exchange["request"] for path in RUNS_OF_LONG_AGO)
        ):
            seen.add(asked)
            yield pytest.param(exchange, id=f"{exchange['scenario']}-{len(seen)}")


def test_there_is_something_to_ask():
    assert len([*exchanges()]) > 50


@pytest.mark.parametrize("exchange", [*exchanges()])
async def test_we_answer_as_the_real_server_did(server: DevServer, exchange: dict[str, Any]):
    subscription = server.inngest.subscription_token(CHANNEL, [TOPIC])
    keys: dict[str, SubscriptionToken | SecretStr] = {
        "jwt-21": subscription,
        "jwt-31": subscription,
        "jwt-32": server.inngest.publish_token(),
    }
    method, _, url = exchange["request"].partition(" ")
    headers = dict(exchange["request_headers"])
    for name, token in keys.items():
        secret = bearer(token)["authorization"].removeprefix("Bearer ")
        url = url.replace(name, secret)
        headers = {key: value.replace(name, secret) for key, value in headers.items()}
    async with http_client(server) as http:
        answer = await http.request(
            method, url, headers=headers, content=exchange["request_body"].encode()
        )
    deliberate = BETTER.get(
        (exchange["request"], exchange["request_headers"].get("Authorization", ""))
    )
    assert answer.status_code == (deliberate or exchange["status"])
    if deliberate:
        return
    assert answer.headers["x-inngest-server-kind"] == "dev"
    recorded = exchange["response_headers"]
    for name in HEADERS[:2]:
        assert answer.headers.get(name) == recorded.get(name)
    said, wanted = answer.text, exchange["response_body"]
    if answer.is_success and said:
        # Tokens and ids are new each time: the same names, and a line that ends.
        assert [*json.loads(said)] == [*json.loads(wanted)]
        assert said.endswith("\n")
    elif answer.status_code != 426:  # there our client's `Connection` header is quoted
        assert said == wanted
        assert answer.headers["content-length"] == recorded["content-length"]
