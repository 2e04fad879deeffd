from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest

from rx_realtime.wire.trigger.columns import COLUMNS, RESERVED, parse_skipped
from rx_realtime.wire.trigger.encode import (
    MUST_REFETCH,
    UP_TO_DATE,
    RunRow,
    encode_change,
    encode_messages,
    encode_offset,
    encode_row,
    encode_schema,
)

AT = datetime(2026, 6, 6, 10, 5, 30, 120_000, tzinfo=UTC)


def row(**columns: object) -> RunRow:
    needed: dict[str, object] = {
        "id": "c1",
        "friendly_id": "run_c1",
        "task_identifier": "demo",
        "created_at": AT,
        "updated_at": AT,
        "status": "PENDING",
    }
    return RunRow(**needed | columns)  # type: ignore[arg-type]


def test_a_row_has_a_field_for_each_column_and_no_other():
    assert {field.name for field in fields(RunRow)} == {column.attribute for column in COLUMNS}


@pytest.mark.parametrize(
    ("column", "name", "value", "text"),
    [
        ("is_test", "isTest", True, "t"),
        ("is_test", "isTest", False, "f"),
        ("number", "number", 42, "42"),
        ("cost_in_cents", "costInCents", 0.55, "0.55"),
        ("cost_in_cents", "costInCents", 0.0, "0"),
        ("cost_in_cents", "costInCents", 0.1, "0.1"),
        (
            "error",
            "error",
            {"type": "STRING_ERROR", "raw": "é"},
            '{"type":"STRING_ERROR","raw":"é"}',
        ),
        ("run_tags", "runTags", (), None),
        ("run_tags", "runTags", ("a,b", 'c"d', "e\\f", "NULL"), '{"a,b","c\\"d","e\\\\f","NULL"}'),
        ("realtime_streams", "realtimeStreams", (), "{}"),
        ("realtime_streams", "realtimeStreams", ("ai",), '{"ai"}'),
        ("started_at", "startedAt", None, None),
        ("started_at", "startedAt", AT, "2026-06-06T10:05:30.120"),
        (
            "started_at",
            "startedAt",
            AT.astimezone(timezone(timedelta(hours=2))),
            "2026-06-06T10:05:30.120",
        ),
        ("ttl", "ttl", "1h", "1h"),
    ],
)
def test_values_are_text_or_null(column: str, name: str, value: object, text: str | None):
    """Case 70."""
    assert encode_row(row(**{column: value}))[name] == text


def test_the_schema_names_the_columns_of_the_row_in_its_order():
    skipped = parse_skipped(["payload", " output ", "", "nobody", *RESERVED])
    assert skipped == {"payload", "output", "nobody"}
    schema = json.loads(encode_schema(skipped))
    assert list(schema) == list(encode_row(row(), skipped))
    assert "payload" not in schema
    assert schema["createdAt"] == {"type": "timestamp"}
    assert schema["realtimeStreams"] == {"type": "text", "dims": 1}


def test_a_body_is_a_list_of_messages():
    body = encode_messages([encode_change(row(), "insert"), MUST_REFETCH, UP_TO_DATE])
    change, refetch, up_to_date = json.loads(body)
    assert change["key"] == '"public"."TaskRun"/"c1"'
    assert change["headers"] == {"operation": "insert"}
    assert refetch == {"headers": {"control": "must-refetch"}}
    assert up_to_date == {"headers": {"control": "up-to-date"}}


def test_an_offset_says_how_new_the_newest_row_is_and_which_change_it_knows():
    assert encode_offset(AT, 7) == f"{int(AT.timestamp() * 1000)}_7"
