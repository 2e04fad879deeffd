"""Requests: what may be shown of them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from rx_realtime.wire import Request, Response

# With characters that a URL must escape: what is shown must hide them in either form.
CANARY = SecretStr("canary/+=&")
REQUEST = Request("http://h/p", token=CANARY, token_parameter="token", body=b"canary")


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        REQUEST.with_token_in_url(),
        Request("http://h/e/canary", url_secret=SecretStr("canary")),
    ],
    ids=["in the header", "in the query", "in the path"],
)
def test_a_request_shows_no_secret(request_: Request):
    for shown in (repr(request_), str(request_), request_.shown_url):
        assert "canary" not in shown
        assert "http://h/" in shown


def test_a_token_moves_from_the_header_into_the_url():
    moved = REQUEST.with_token_in_url()
    assert moved is not None
    assert moved.url == "http://h/p?token=canary%2F%2B%3D%26"
    assert moved.token is None


@pytest.mark.parametrize(
    "request_",
    [Request("http://h/p", token=CANARY), Request("http://h/p", token_parameter="token")],
    ids=["the header is the only way", "there is no token"],
)
def test_a_token_stays_where_it_belongs(request_: Request):
    assert request_.with_token_in_url() is None


def test_a_response_does_not_show_its_body():
    assert "canary" not in repr(Response(201, {}, b'{"jwt":"canary"}'))
