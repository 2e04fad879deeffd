from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from rx_realtime.server import DevServer
from tests.server.trigger.followers import client

PATH = "/api/v1/auth/public-tokens"


async def mint(server: DevServer, **body: Any) -> dict[str, Any]:
    async with client(server) as http:
        answer = await http.post(PATH, json=body)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


async def test_the_claims_for_tokens_that_clients_sign(server: DevServer):
    """Case 64, from the other side."""
    async with client(server) as http:
        answer = await http.post("/api/v1/auth/jwt/claims")
    assert answer.json() == {"sub": server.trigger.env, "pub": True}


async def test_a_token_is_minted_with_all_that_was_asked_for(server: DevServer):
    claims = await mint(
        server,
        scopes=["read:tags:a:b"],
        oneTimeUse=True,
        realtime={"skipColumns": ["payload"]},
    )
    assert claims["scopes"] == ["read:tags:a:b"]
    assert (claims["otu"], claims["realtime"]) == (True, {"skipColumns": ["payload"]})
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize(
    ("span", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1.5 hours", 5400),
        ("2 days from now", 172_800),
        ("1w", 604_800),
        ("+1 hr", 3600),
    ],
)
async def test_it_lasts_for_a_span_of_time(server: DevServer, span: str, seconds: int):
    claims = await mint(server, scopes=["read:runs"], expirationTime=span)
    assert claims["exp"] - claims["iat"] == seconds


async def test_it_lasts_until_a_time(server: DevServer):
    until = int(time.time()) + 1000
    claims = await mint(server, scopes=["read:runs"], expirationTime=until)
    assert claims["exp"] == until


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "Invalid request body"),
        ({"scopes": []}, 400, "Invalid request body"),
        ({"scopes": ["read"]}, 403, "Requested scopes exceed the API key's access"),
        ({"scopes": ["read:runs"], "expirationTime": "soon"}, 400, "Invalid expiration time"),
        (
            {"scopes": ["read:runs"], "expirationTime": "5m ago"},
            400,
            "Expiration time must be in the future",
        ),
        (
            {"scopes": ["read:runs"], "expirationTime": "31d"},
            400,
            "Expiration time cannot exceed 30 days",
        ),
        (
            {"scopes": ["read:runs"], "expirationTime": 9e300},
            400,
            "Expiration time cannot exceed 30 days",
        ),
        (
            {"scopes": ["read:runs"], "expirationTime": "9" * 400 + "y"},
            400,
            "Invalid expiration time",
        ),
    ],
)
async def test_what_cannot_be_minted_is_refused(
    server: DevServer, body: dict[str, Any], status: int, said: str
):
    async with client(server) as http:
        answer = await http.post(PATH, json=body)
    assert (answer.status_code, answer.json()["error"]) == (status, said)


async def test_a_token_mints_no_tokens(server: DevServer):
    async with client(server, server.trigger.public_token("admin")) as http:
        assert (await http.post(PATH, json={"scopes": ["read:runs"]})).status_code == 401
        claims = await http.post("/api/v1/auth/jwt/claims")
    assert (claims.status_code, claims.json()) == (401, {"error": "Invalid or Missing API key"})
