"""A subscriber that a test can wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

from reactivex import Observable

__all__ = ["Watch"]


class Watch:
    """Subscribes, and keeps everything that comes.

    async with Watch(source) as watch:
        await watch.until(lambda: len(watch.values) == 3)
    """

    def __init__(self, source: Observable[Any], on_next: Callable[[Any], object] | None = None):
        self.values: list[Any] = []
        self._ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._news = asyncio.Event()
        self._source = source
        self._on_next = on_next

    async def __aenter__(self) -> Self:
        self.subscription = self._source.subscribe(self._take, self._end, lambda: self._end(None))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.subscription.dispose()

    def leave(self) -> None:
        self.subscription.dispose()

    @property
    def has_ended(self) -> bool:
        return self._ended.done()

    async def until(self, predicate: Callable[[], object]) -> None:
        while not predicate():
            if self._ended.done() and not predicate():
                raise AssertionError(f"it ended: {self._ended.result()!r} after {self.values}")
            self._news.clear()
            await self._news.wait()

    async def until_count(self, count: int) -> list[Any]:
        await self.until(lambda: len(self.values) >= count)
        return self.values

    async def until_sort(self, *sorts: type, count: int = 1) -> Any:
        """Wait for the `count`-th value of these types, and return it."""
        await self.until(lambda: len(self.of(*sorts)) >= count)
        return self.of(*sorts)[count - 1]

    def of(self, *sorts: type) -> list[Any]:
        return [value for value in self.values if isinstance(value, sorts)]

    async def error(self) -> Exception:
        """Wait for the end, which must be an error."""
        error = await self._ended
        assert error is not None, f"it completed after {self.values}"
        return error

    def _take(self, value: Any) -> None:
        self.values.append(value)
        self._news.set()
        if self._on_next is not None:
            self._on_next(value)

    def _end(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(error)
        self._news.set()
