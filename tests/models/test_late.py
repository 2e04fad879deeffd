"""A value whose fields are read when they are asked for is a value as any other."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, replace
from typing import Any

import pytest

from rx_realtime.models.late import Late, late, tell, tellers


@dataclass(frozen=True, slots=True)
class Point(Late):
    x: int
    y: int = 0


class Reader:
    """Reads y out of a number, and notes what it was asked for."""

    def __init__(self) -> None:
        self.asked = list[str]()

    def __call__(self, source: int, name: str) -> Any:
        self.asked.append(name)
        return source + 1


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def point(reader: Reader) -> Point:
    value = late(Point, reader, 1)
    tell(value, "x", 1)
    return value


def test_a_field_is_read_once_and_only_when_asked_for(reader: Reader, point: Point) -> None:
    assert point.x == 1
    assert reader.asked == []
    assert (point.y, point.y) == (2, 2)
    assert reader.asked == ["y"]


def test_what_was_told_is_not_read(reader: Reader) -> None:
    value = late(Point, reader, 0)
    for tell_it, told in zip(tellers(Point, "y", "x"), (7, 3), strict=True):
        tell_it(value, told)
    assert value == Point(3, 7)
    assert reader.asked == []


def test_it_is_equal_to_a_value_that_was_made_whole(point: Point) -> None:
    assert point == Point(1, 2)
    assert repr(point) == repr(Point(1, 2))
    assert hash(point) == hash(Point(1, 2))
    assert asdict(point) == {"x": 1, "y": 2}


def test_it_can_be_copied_and_changed_into_another(point: Point) -> None:
    assert replace(point, x=5) == Point(5, 2)
    assert copy.copy(point) == copy.deepcopy(point) == Point(1, 2)


def test_it_is_as_frozen(point: Point) -> None:
    for field in fields(point):
        with pytest.raises(FrozenInstanceError):
            setattr(point, field.name, 1)


@pytest.mark.parametrize("name", ["z", "_read_", "__deepcopy__"])
def test_what_is_no_field_is_not_there(reader: Reader, point: Point, name: str) -> None:
    assert not hasattr(point, name)
    assert not hasattr(Point(1), name)
    assert reader.asked == []


def test_two_of_them_are_apart(reader: Reader, point: Point) -> None:
    other = late(Point, reader, 5)
    tell(other, "x", 5)
    assert (point.y, other.y) == (2, 6)
    assert reader.asked == ["y", "y"]
