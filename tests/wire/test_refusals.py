"""What an HTTP error says."""

from __future__ import annotations

import pytest

from rx_realtime.errors import NotFound, Refused, is_retryable
from rx_realtime.wire import Response
from rx_realtime.wire.refusals import check, least_seconds, refused, said

NOON = "Sat, 06 Jun 2026 12:00:00 GMT"
LATER = "Sat, 06 Jun 2026 12:00:30 GMT"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error":"Not found"}', "Not found"),
        (b'{"message":"Invalid request","errors":{}}', "Invalid request"),
        (b'{"title":"Unauthorized","detail":"No header"}', "No header"),
        (b'{"error":7}', '{"error":7}'),
        (b"plain words\n", "plain words"),
        (b"<html>", ""),
        (b"", ""),
        (b"[1]", "[1]"),
        (b"\xff", "�"),
        (b"x" * 1000, "x" * 300),
    ],
)
def test_an_error_is_told_in_the_servers_words(body: bytes, words: str):
    assert said(body) == words


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "5"}, 5.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "99999"}, 3600.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": LATER}, None),  # by whose clock?
        ({"retry-after": LATER, "date": NOON}, 30.0),
        ({"retry-after": NOON, "date": LATER}, None),
        ({"x-ratelimit-reset": "1780747230000", "date": NOON}, 30.0),
        ({"x-ratelimit-reset": "1780747230", "date": NOON}, 30.0),
        ({"x-ratelimit-reset": "1780747230"}, None),
        ({"retry-after": "5", "x-ratelimit-reset": "1780747230000", "date": NOON}, 5.0),
    ],
)
def test_when_to_come_back_is_told_by_the_servers_clock(
    headers: dict[str, str], seconds: float | None
):
    assert least_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("status", "should_retry", "retryable"),
    [
        (404, "", False),
        (404, "true", True),
        (503, "", True),
        (503, "false", False),
        (304, "", True),
        (499, "", True),
        (500, "nonsense", True),
    ],
)
def test_whether_to_come_back_is_for_the_server_to_say(
    status: int, should_retry: str, retryable: bool
):
    error = refused(Response(status, {"x-should-retry": should_retry}, b""))
    assert is_retryable(error) is retryable
    assert error.status == status


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_success_passes(status: int):
    check(Response(status, {}, b""))


def test_an_error_does_not():
    with pytest.raises(NotFound):
        check(Response(404, {}, b""))
    with pytest.raises(Refused):
        check(Response(302, {}, b""))


def test_an_error_knows_when_to_come_back():
    assert refused(Response(429, {"retry-after": "7"}, b"")).retry_after == 7.0
