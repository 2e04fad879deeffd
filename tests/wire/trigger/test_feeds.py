"""Feeds of runs: how they are asked for, and what comes out of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import SecretStr

from rx_realtime.errors import OptionError
from rx_realtime.models import (
    ABSENT,
    Invalid,
    RowDeleted,
    RunChanged,
    RunStatus,
    SubscriptionToken,
)
from rx_realtime.wire.trigger import Account
from rx_realtime.wire.trigger.feeds import run_feed, runs_feed, spell_duration
from tests.virtual_trigger import changed, done, row, rows

ACCOUNT = Account("https://h")
TOKEN = SubscriptionToken(SecretStr("key"))


@pytest.mark.parametrize(
    ("given", "spelled"),
    [("1h30m", "1h30m"), (timedelta(hours=1), "3600s"), (timedelta(days=1), "86400s")],
)
def test_a_window_is_spelled_as_the_server_reads_it(given: str | timedelta, spelled: str):
    assert spell_duration(given) == spelled


def test_a_window_of_nothing_is_none():
    with pytest.raises(OptionError):
        spell_duration(timedelta(0))


def test_the_end_of_a_run_has_its_output_as_result():
    wire = run_feed(ACCOUNT, "run_1")
    wire, updates = wire.receive(rows(row()))
    change = updates[0]
    assert isinstance(change, RunChanged)
    assert (change.status, change.result, change.run_id) == (RunStatus.RUNNING, ABSENT, "run_1")
    wire, updates = wire.receive(rows(done(output='{"n":1}')))
    change = updates[0]
    assert isinstance(change, RunChanged)
    assert (change.status, change.result) == (RunStatus.COMPLETED, {"n": 1})
    assert change.is_terminal


def test_a_row_that_is_no_run_costs_only_itself():
    wire = runs_feed(ACCOUNT)
    broken = row("run_a", without=["friendlyId"])
    wire, updates = wire.receive(rows(broken, row("run_b")))
    assert [type(each) for each in updates[:2]] == [Invalid, RunChanged]
    wire, updates = wire.receive(rows(changed("run_a", "delete"), changed("run_b", "delete")))
    assert [each.key for each in updates if isinstance(each, RowDeleted)][1] == "run_b"


def test_who_was_away_looks_first():
    wire, _ = run_feed(ACCOUNT, "run_1").receive(rows(row()))
    assert "live=true" in wire.open(TOKEN).request.url
    assert "live" not in wire.rested().open(TOKEN).request.url
