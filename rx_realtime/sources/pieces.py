"""What is not there yet when sending begins, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any, TypeAlias, TypeVar

from reactivex import Observable

from ..errors import PayloadError
from .feed import Feed
from .iteration import Iteration

__all__ = ["Pieces", "Source", "each_of"]

P = TypeVar("P")

#: One after the other, or as they come.
Source: TypeAlias = Iterable[P] | AsyncIterable[P] | Observable[P]
#: The same, or all at once.
Pieces: TypeAlias = P | Iterable[P] | AsyncIterable[P] | Observable[P]


async def each_of(
    pieces: str | bytes | Iterable[Any] | AsyncIterable[Any] | Observable[Any],
) -> AsyncIterator[Any]:
    """Yield each; text and bytes are one piece.

    A feed keeps its own policy, which may be to wait. Any other observable cannot be made to
    wait: when it is too far ahead, that is an error, and nothing is left out in silence.

    Raises:
        PayloadError: if they come from something else.
        Overflowed: if an observable is 65,536 values ahead.
    """
    match pieces:
        case str() | bytes():
            yield pieces
        case Feed():
            async for piece in pieces:
                yield piece
        case Observable():
            async for piece in Iteration(pieces, buffer=1 << 16, overflow="error"):
                yield piece
        case AsyncIterable():
            async for piece in pieces:
                yield piece
        case Iterable():
            for piece in pieces:
                yield piece
        case _:
            raise PayloadError(f"pieces come from an iterable, not {type(pieces).__name__}")
