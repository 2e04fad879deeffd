"""How the contestants make our observables: each listens to the sender's one channel and topic."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

import rx_realtime as rxr
from rx_realtime.transports import Settings
from tests.bench.contestants.course import Course
from tests.bench.sender.orders import CHANNEL, TOPIC, Order

__all__ = ["Bench", "Token", "listening", "order_of", "settings_of"]


class Token(BaseModel):
    """What a message of the sender carries."""

    index: int
    at: int
    token: str


class Bench(rxr.Channel, name=CHANNEL):
    """The sender's channel."""

    tokens = rxr.Topic(Token)


def order_of(course: Course) -> Order:
    """Return what the sender is to send."""
    return Order(course.size, course.options.get("rate", 0))


def listening(course: Course, order: Order | None = None) -> dict[str, Any]:
    """Return the arguments of `inngest.realtime` and `inngest.subscribe`, by name."""
    where: dict[str, Any] = (
        {"channel": Bench()}
        if course.options.get("model")
        else {"channel": CHANNEL, "topics": [TOPIC]}
    )
    token = (order or order_of(course)).token
    return {
        **where,
        "token": token,
        "api_base_url": course.url,
        "settings": settings_of(course),
    }


def settings_of(course: Course) -> Settings:
    """Choose the library that carries websockets: the standard one, or that of `[fast]`."""
    return Settings(websockets="picows" if course.options.get("fast") else "websockets")
