from __future__ import annotations

import logging

import pytest

from rx_realtime.transports.redact import redacting

CANARY = "eyJhbGciOiJIUzI1NiJ9.canary-_.sig"


@pytest.mark.parametrize(
    "line",
    [
        f"> Authorization: Bearer {CANARY}",
        f"> authorization:bearer {CANARY}",
        f"Authorization: {CANARY}",
        f"GET /v1/realtime/connect?token={CANARY} HTTP/1.1",
        f"GET /x?a=1&token={CANARY}&b=2",
        f"(b'Authorization', b'Bearer {CANARY}')",
        f'{{"authorization": "Bearer {CANARY}"}}',
        f"Bearer\t{CANARY}",
        f"something said {CANARY}",
        "the key is signkey-prod-canary00ff",
    ],
)
@pytest.mark.parametrize("as_argument", [False, True])
def test_no_line_shows_a_token(line: str, as_argument: bool, caplog: pytest.LogCaptureFixture):
    logger = redacting("rx_realtime.test_redact")
    with caplog.at_level(logging.DEBUG):
        if as_argument:
            logger.debug("%s %d", line, 7)
        else:
            logger.debug(line)
    assert "canary" not in caplog.text
    assert "[redacted]" in caplog.text


def test_what_is_no_secret_stays(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        redacting("rx_realtime.test_redact").debug("GET %s -> %d", "/v1/x?tokens=3&author=you", 200)
    assert "GET /v1/x?tokens=3&author=you -> 200" in caplog.text


def test_a_logger_is_made_careful_once():
    assert len(redacting("rx_realtime.again").filters) == 1
    assert len(redacting("rx_realtime.again").filters) == 1
