"""Channels, their names, and their typed topics."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rx_realtime.errors import OptionError, PayloadError
from rx_realtime.models import (
    Channel,
    Topic,
    TopicRef,
    channel_name,
    explain,
    topic_map,
    topic_name,
)


class Progress(BaseModel):
    percent: int
    note: str | None = Field(default=None, alias="theNote")


class Pipeline(Channel, name="pipeline:{run_id}"):
    run_id: str
    status = Topic(Progress)
    tokens = Topic(dict[str, int], name="$tokens")


class Everywhere(Channel, name="everywhere"):
    news = Topic(str)


# ── names ─────────────────────────────────────────────────────────────────────────────────────


def test_a_channel_fills_its_fields_into_its_name():
    assert Pipeline(run_id="42").name == "pipeline:42"
    assert Pipeline(run_id="{run_id}").name == "pipeline:{run_id}"
    assert Everywhere().name == "everywhere"
    assert channel_name(Pipeline(run_id="42")) == "pipeline:42"
    assert channel_name("plain") == "plain"


def test_a_field_may_be_formatted_and_have_a_default():
    class Numbered(Channel, name="{{n}}:{number:03d}"):
        number: int = 7

    assert Numbered().name == "{n}:007"
    assert Numbered(number=42).name == "{n}:042"


def test_two_channels_with_one_name_are_the_same_channel():
    class Other(Channel, name="pipeline:42"): ...

    assert Pipeline(run_id="42") == Pipeline(run_id="42") == Other()
    assert Pipeline(run_id="42") != Pipeline(run_id="43")
    assert len({Pipeline(run_id="42"), Other(), Pipeline(run_id="43")}) == 2
    assert Pipeline(run_id="42") != "pipeline:42"


def test_a_channel_never_changes():
    with pytest.raises(FrozenInstanceError):
        setattr(Pipeline(run_id="42"), "run_id", "43")  # noqa: B010  # a type checker forbids it


def test_a_channel_shows_its_fields():
    assert "run_id='42'" in repr(Pipeline(run_id="42"))


def test_a_subclass_has_its_parents_name_fields_and_topics():
    class Child(Pipeline):
        more = Topic(str)

    assert Child(run_id="42").name == "pipeline:42"
    assert set(Child.topics()) == {"status", "$tokens", "more"}


def test_a_subclass_may_type_a_topic_anew():
    # Not by a class statement: a type checker would not let the type change.
    child: Any = type("Child", (Pipeline,), {"status": Topic(str)})
    assert child.topics()["status"].model is str
    assert Pipeline.topics()["status"].model is Progress


def declare(name: str | None, attributes: dict[str, Any]) -> None:
    fields = {key: value for key, value in attributes.items() if isinstance(value, type)}
    rest = {key: value for key, value in attributes.items() if key not in fields}
    type("Bad", (Channel,), {"__annotations__": fields, **rest}, name=name)


BAD = {
    "without a name": (None, {}, "a channel has a name"),
    "a field that the name does not use": ("c", {"run_id": str}, "must be the same"),
    "a name that uses no field": ("c:{run_id}", {}, "must be the same"),
    "a name without a field's name": ("c:{}", {"run_id": str}, "must be the same"),
    "a name with an open bracket": ("c:{run_id", {"run_id": str}, "no template"),
    "a name with a bracket too many": ("c}", {}, "no template"),
    "a field called name": ("c:{name}", {"name": str}, "'name' is taken"),
    "a field called template": ("c:{template}", {"template": str}, "'template' is taken"),
    "a topic called name": ("c", {"name": Topic(str)}, "'name' is taken"),
    "a topic called topics": ("c", {"topics": Topic(str)}, "'topics' is taken"),
    "two topics of one name": (
        "c",
        {"a": Topic(str), "b": Topic(str, name="a")},
        "two topics are named 'a'",
    ),
}


@pytest.mark.parametrize(("name", "attributes", "why"), BAD.values(), ids=BAD.keys())
def test_a_channel_that_cannot_work_is_refused_where_it_is_written(
    name: str | None, attributes: dict[str, Any], why: str
):
    with pytest.raises(OptionError, match=why):
        declare(name, attributes)


# ── topics ────────────────────────────────────────────────────────────────────────────────────


def test_a_topic_is_named_after_its_attribute_or_as_it_says():
    assert Pipeline.status.name == "status"
    assert Pipeline.tokens.name == "$tokens"
    assert topic_name(Pipeline.tokens) == "$tokens"
    assert topic_name("plain") == "plain"
    assert Pipeline.topics() == {"status": Pipeline.status, "$tokens": Pipeline.tokens}


def test_a_topic_of_a_channel_is_an_address_to_publish_to():
    assert Pipeline(run_id="42").status == TopicRef("pipeline:42", Pipeline.status)


def test_a_topic_outside_a_channel_needs_a_name():
    assert Topic(str, name="t").name == "t"
    with pytest.raises(OptionError, match="needs a name"):
        _ = Topic(str).name


def test_different_topics_cannot_share_a_name():
    topic = Topic(str, name="t")
    assert topic_map([topic, topic]) == {"t": topic}
    with pytest.raises(OptionError, match="two topics are named 't'"):
        topic_map([topic, Topic(int, name="t")])


@dataclass
class Point:
    x: int


# A type, its JSON as it arrives, the value of the type, and the bytes that are sent.
ROUND_TRIPS: dict[str, tuple[Any, Any, Any, bytes]] = {
    "a model, by alias": (
        Progress,
        {"percent": 5, "theNote": "x"},
        Progress(percent=5, theNote="x"),
        b'{"percent":5,"theNote":"x"}',
    ),
    "a dataclass": (Point, {"x": 1}, Point(1), b'{"x":1}'),
    "a dict": (dict[str, int], {"a": 1}, {"a": 1}, b'{"a":1}'),
    "text that looks like a number": (str, "5", "5", b'"5"'),
    "nothing": (type(None), None, None, b"null"),
}


@pytest.mark.parametrize(
    ("model", "data", "value", "body"), ROUND_TRIPS.values(), ids=ROUND_TRIPS.keys()
)
def test_data_becomes_the_topics_type_and_its_json_again(
    model: Any, data: Any, value: Any, body: bytes
):
    topic = Topic(model, name="t")
    assert topic.validate(data) == value
    assert topic.encode(value) == body


def test_a_payload_that_does_not_fit_is_refused_without_showing_it():
    unchecked: Any = {"percent": "canary"}
    with pytest.raises(PayloadError) as caught:
        Pipeline.status.encode(unchecked)
    assert str(caught.value).startswith("the payload does not fit topic 'status': percent: Input")
    assert "canary" not in str(caught.value)


def test_a_topic_shows_its_type_and_name():
    assert repr(Pipeline.status) == "Topic(Progress, name='status')"
    assert repr(Topic(dict[str, int])) == "Topic(dict, name=None)"


# ── what is wrong with data ───────────────────────────────────────────────────────────────────


def why_not(model: Any, data: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Topic(model, name="t").validate(data)
    return explain(caught.value)


class Nested(BaseModel):
    steps: list[Progress]

    @field_validator("steps")
    @classmethod
    def at_most_two(cls, steps: list[Progress]) -> list[Progress]:
        if len(steps) > 2:
            raise ValueError("at most two")
        return steps


@pytest.mark.parametrize(
    ("model", "data", "why"),
    [
        (int, "canary", "data: Input should be a valid integer"),
        (Nested, {"steps": [{"percent": 1}, {}]}, "steps.1.percent: Field required"),
        (Nested, {"steps": [{"percent": 1}] * 3}, "steps: Value error, at most two"),
        (Point, {"x": "canary"}, "x: Input should be a valid integer"),
    ],
)
def test_what_is_wrong_is_said_by_place_and_without_the_data(model: Any, data: Any, why: str):
    assert why_not(model, data).startswith(why)
    assert "canary" not in why_not(model, data)


def test_what_is_wrong_in_many_places_is_said_shortly():
    why = why_not(list[int], ["canary"] * 1000)
    assert why.startswith("0: Input should be a valid integer")
    assert why.endswith("; and 995 more")
    assert len(why_not(dict[str, int], {"k" * 10_000: "x"})) < 300


def test_a_strict_model_takes_from_json_what_json_can_only_say_as_text() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)
        at: datetime

    assert Topic(Strict, name="t").validate({"at": "2026-11-21T08:00:00Z"}).at.year == 2026
    with pytest.raises(ValidationError):
        Topic(Strict, name="t").validate({"at": 1})
