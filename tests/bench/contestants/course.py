"""How a contestant is run: options come as its argument, the result leaves as a line of JSON."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Course", "run"]


@dataclass(frozen=True)
class Course:
    """What a contestant has to do.

    Attributes:
        url: the websocket sender.
        http_url: the HTTP sender.
        size: how many messages, or connections.
        warm: the share of the messages that comes before the clock is read.
        options: what only some contestants know.
    """

    url: str
    http_url: str
    size: int
    warm: float
    options: dict[str, Any]

    @classmethod
    def parse(cls, text: str) -> Course:
        """Read the argument of a contestant."""
        given = json.loads(text)
        return cls(
            given.pop("url"),
            given.pop("http_url"),
            given.pop("size"),
            given.pop("warm", 0.1),
            given,
        )


def run(contestant: Callable[[Course], Awaitable[dict[str, Any]]]) -> None:
    """Run a contestant, and print its result."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    course = Course.parse(sys.argv[1])

    async def main() -> dict[str, Any]:
        return await contestant(course)

    result = asyncio.run(main())
    sys.stdout.write(json.dumps(result) + "\n")
