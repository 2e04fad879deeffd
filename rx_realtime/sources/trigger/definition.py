"""A stream that is defined once: its name, and the type of its chunks."""

from __future__ import annotations

from typing import Any, TypeVar, overload

from ...models import Topic
from ...transports import Settings
from ...wire.trigger.ingest import Target
from ..feed import Feed
from ..options import Duration
from ..pieces import Source
from ..token import Token
from .read_streams import From, read
from .streaming import STREAM_SETTINGS
from .write_streams import Writer, append, pipe, writer

__all__ = ["Stream", "define"]

T = TypeVar("T")


class Stream(Topic[T]):
    """A stream that runs may have. It is a topic, too: `rt.on(Ai)`, `rt.streams(Ai)`.

    Made by `define`.
    """

    def read(
        self,
        run_id: str,
        *,
        start_index: int = 1,
        after: str | None = None,
        from_: From = "start",
        timeout: Duration | None = None,
        token: Token | None = None,
        api_base_url: str | None = None,
        settings: Settings = STREAM_SETTINGS,
    ) -> Feed[T]:
        """Read this stream of a run, as `streams.read` does."""
        return read(
            run_id,
            self,
            start_index=start_index,
            after=after,
            from_=from_,
            timeout=timeout,
            token=token,
            api_base_url=api_base_url,
            settings=settings,
        )

    def pipe(
        self,
        run_id: str,
        source: Source[T],
        *,
        target: Target = "self",
        api_base_url: str | None = None,
    ) -> Feed[int]:
        """Write chunks into this stream of a run, as `streams.pipe` does."""
        return pipe(run_id, self, source, target=target, api_base_url=api_base_url)

    def append(
        self,
        run_id: str,
        chunk: T,
        *,
        target: Target = "self",
        api_base_url: str | None = None,
    ) -> Feed[int]:
        """Write one chunk into this stream of a run."""
        return append(run_id, self, chunk, target=target, api_base_url=api_base_url)

    def writer(
        self, run_id: str, *, target: Target = "self", api_base_url: str | None = None
    ) -> Writer[T]:
        """Write chunks one by one into this stream of a run, as `streams.writer` does."""
        return writer(run_id, self, target=target, api_base_url=api_base_url)


@overload
def define(id: str, model: type[T]) -> Stream[T]: ...
@overload
def define(id: str) -> Stream[Any]: ...
def define(id: str, model: Any = Any) -> Stream[Any]:  # noqa: A002  (the vendor's word)
    """Define a stream: what it is called, and what its chunks are.

        Ai = trigger.streams.define("ai", str)

    Args:
        id: its name.
        model: a pydantic model, `str`, or any type that pydantic can validate; by default chunks
            are taken as they come.
    """
    return Stream(model, name=id)
