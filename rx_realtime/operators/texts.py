"""Pieces of text, as streams bring them: put together, and cut where lines end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import from_json
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable, Disposable

from ..errors import PayloadError
from .chain import chained, listen

__all__ = ["join_text", "json_lines", "lines"]


def join_text(separator: str = "") -> Callable[[Observable[str]], Observable[str]]:
    """Deliver, with each piece, the whole text so far.

    Args:
        separator: stands between two pieces.
    """

    def join(text: str, piece: str) -> str:
        return text + separator + piece

    return ops.scan(join)


def lines() -> Callable[[Observable[str]], Observable[str]]:
    """Deliver each line as soon as it has ended, without its end; the last one at completion.

    Lines end as in most files, with LF or CRLF, which may be cut between two pieces.
    """

    def _lines(source: Observable[str]) -> Observable[str]:
        def subscribe(
            observer: abc.ObserverBase[str], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            rest = list[str]()  # joined when the line ends: a long one may come in many pieces
            is_left = False

            def on_next(piece: str) -> None:
                first, *more = piece.split("\n")
                rest.append(first)
                for following in more:
                    if is_left:
                        return
                    line = "".join(rest)
                    rest[:] = [following]
                    observer.on_next(line.removesuffix("\r"))

            def on_completed() -> None:
                if line := "".join(rest):
                    observer.on_next(line)
                observer.on_completed()

            def leave() -> None:
                nonlocal is_left
                is_left = True

            connection = listen(
                source, on_next, observer.on_error, on_completed, scheduler=scheduler
            )
            return CompositeDisposable(Disposable(leave), connection)

        return chained(subscribe)

    return _lines


def json_lines() -> Callable[[Observable[str]], Observable[Any]]:
    """Deliver the value of each line as `lines` gives them; blank lines are left out.

    Errors:
        PayloadError: a line is no JSON.
    """

    def value(line: str) -> Any:
        try:
            return from_json(line)
        except ValueError as error:
            raise PayloadError(f"a line is no JSON: {error}") from None

    def _json_lines(source: Observable[str]) -> Observable[Any]:
        return source.pipe(lines(), ops.filter(_is_not_blank), ops.map(value))

    return _json_lines


def _is_not_blank(line: str) -> bool:
    return bool(line.strip())
