from __future__ import annotations

import pytest

from rx_realtime.wire.trigger.claims import PublicClaims, decode_claims, encode_claims
from rx_realtime.wire.trigger.scopes import Scope, allows, parse_scope, scope


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("read:runs:run_1", Scope("read", "runs", "run_1")),
        ("read:tags:env:staging:eu", Scope("read", "tags", "env:staging:eu")),
        ("read:runs", Scope("read", "runs")),
        ("admin", Scope("admin")),
    ],
)
def test_scopes_are_read_and_written(text: str, parsed: Scope):
    assert parse_scope(text) == parsed
    assert str(parsed) == text
    if parsed.type is not None:
        assert scope(parsed.action, parsed.type, parsed.id) == text


@pytest.mark.parametrize("text", ["", ":runs", "::"])
def test_without_an_action_there_is_no_scope(text: str):
    assert parse_scope(text) is None


@pytest.mark.parametrize(
    ("held", "needed", "suffices"),
    [
        ("read:runs:run_1", "read:runs:run_1", True),
        ("read:runs:run_1", "read:runs:run_2", False),
        ("read:runs:run_1", "read:runs", False),
        ("read:runs", "read:runs:run_1", True),
        ("read:runs:", "read:runs:run_1", True),
        ("read:all", "read:batch:b", True),
        ("*:runs", "write:runs:run_1", True),
        ("*:all", "trigger:tasks:t", True),
        ("admin", "trigger:tasks:t", True),
        ("admin:runs", "read:runs:run_1", False),
        ("write:runs", "read:runs", False),
        ("read", "read:runs", False),
        ("", "read:runs", False),
    ],
)
def test_a_scope_covers_what_it_names(held: str, needed: str, suffices: bool):
    """Case 77."""
    wanted = parse_scope(needed)
    assert wanted is not None
    assert allows([held], wanted) is suffices
    assert allows(["read:queues", held], wanted) is suffices


def test_no_scopes_allow_nothing():
    assert not allows([], Scope("read", "runs"))


@pytest.mark.parametrize(
    "claims",
    [
        PublicClaims(env="e"),
        PublicClaims(env="e", scopes=("read:runs",), skip_columns=("payload",), one_time=True),
    ],
)
def test_claims_are_read_as_they_were_written(claims: PublicClaims):
    said = encode_claims(claims, issued_at=1, expires_at=2)
    assert (said["iat"], said["exp"]) == (1, 2)
    assert decode_claims(said) == claims


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": "e"},
        {"sub": "e", "pub": "true"},
        {"pub": True},
        {"sub": "e", "pub": True, "scopes": "read:runs"},
        {"sub": "e", "pub": True, "realtime": {"skipColumns": "payload"}},
    ],
)
def test_what_are_no_claims_of_a_public_token_are_none(claims: dict[str, object]):
    assert decode_claims(claims) is None


def test_a_token_without_scopes_is_one_all_the_same():
    assert decode_claims({"sub": "e", "pub": True}) == PublicClaims(env="e")
