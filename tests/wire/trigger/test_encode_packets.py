from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rx_realtime.wire.trigger.answers import public_error
from rx_realtime.wire.trigger.encode_packets import Packet, encode_packet, plain_value


@pytest.mark.parametrize(
    ("value", "packet"),
    [
        (None, Packet(None, "application/json")),
        ("text", Packet("text", "text/plain")),
        ("", Packet("", "text/plain")),
        ({"é": [1, None]}, Packet('{"é":[1,null]}', "application/json")),
        (False, Packet("false", "application/json")),
        (0, Packet("0", "application/json")),
        (datetime(2026, 1, 1, tzinfo=UTC), Packet('"2026-01-01T00:00:00Z"', "application/json")),
    ],
)
def test_values_become_packets_that_say_what_they_are(value: object, packet: Packet):
    assert encode_packet(value) == packet
    if not isinstance(value, datetime):
        assert plain_value(packet) == value


@pytest.mark.parametrize(
    ("packet", "value"),
    [
        (Packet('{"json":{"at":"2026"},"meta":{}}', "application/super+json"), {"at": "2026"}),
        (Packet('{"meta":{}}', "application/super+json"), None),
        (Packet("[1]", "application/super+json"), [1]),
        (Packet("{", "application/json"), "{"),
        (Packet("[" * 10_000, "application/json"), "[" * 10_000),
        (Packet("NaN", "application/json"), "NaN"),
        (Packet("1", "text/plain"), "1"),
        (Packet("1", "application/octet-stream"), "1"),
    ],
)
def test_what_cannot_be_read_is_the_text_it_is(packet: Packet, value: object):
    assert plain_value(packet) == value


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            {"type": "BUILT_IN_ERROR", "name": "E", "message": "m", "stackTrace": "s"},
            {"name": "E", "message": "m", "stackTrace": "s"},
        ),
        ({"type": "STRING_ERROR", "raw": "r"}, {"message": "r"}),
        ({"type": "CUSTOM_ERROR", "raw": "r"}, {"message": "r"}),
        (
            {"type": "INTERNAL_ERROR", "code": "TASK_RUN_CRASHED"},
            {"message": "trigger.dev internal error (TASK_RUN_CRASHED)"},
        ),
        ({"type": "ANOTHER"}, None),
        (None, None),
    ],
)
def test_errors_are_shown_as_the_api_shows_them(error: object, shown: object):
    assert public_error(error) == shown
