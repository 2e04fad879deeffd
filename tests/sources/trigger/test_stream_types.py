"""The type of a stream's chunks reaches the editor."""

from __future__ import annotations

from typing import Any, assert_type

import pytest
from pydantic import BaseModel

import rx_realtime as rxr

trigger = rxr.trigger


class Part(BaseModel):
    text: str


Ai = trigger.streams.define("ai", Part)


def test_what_is_read_is_of_the_streams_type() -> None:
    assert_type(Ai, trigger.Stream[Part])
    assert_type(Ai.read("run_1"), rxr.Feed[Part])
    assert_type(trigger.stream("run_1", Ai), rxr.Feed[Part])
    assert_type(trigger.stream("run_1", "ai"), rxr.Feed[Any])
    assert_type(trigger.stream("run_1"), rxr.Feed[Any])
    assert_type(trigger.streams.define("any"), trigger.Stream[Any])


def test_what_is_written_must_be_of_the_streams_type() -> None:
    assert_type(Ai.pipe("run_1", [Part(text="a")]), rxr.Feed[int])
    assert_type(Ai.append("run_1", Part(text="a")), rxr.Feed[int])
    assert_type(Ai.writer("run_1"), trigger.streams.Writer[Part])


def test_as_a_topic_it_keeps_its_type() -> None:
    rt = trigger.realtime("run_1", streams=[Ai, "log"])
    assert_type(rt.on(Ai), rxr.Feed[rxr.Message[Part]])
    assert_type(rt.current.messages.by_topic.get(Ai), rxr.Message[Part] | None)


@pytest.mark.parametrize("name", ["", " "])
def test_a_stream_has_a_name(name: str) -> None:
    with pytest.raises(rxr.OptionError):
        trigger.stream("run_1", name)
