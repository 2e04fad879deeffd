"""Every picture in marbles/ is performed; every operator has one."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable

from rx_realtime import ops
from rx_realtime.diagram import Case, Sheet, draw, parse
from rx_realtime.testing import check, load_values

MARBLES = Path(__file__).resolve().parent.parent / "marbles"
FILES = sorted(MARBLES.rglob("*.marble"))


def read(path: Path) -> Sheet:
    return parse(path.read_text("utf-8"), file=path.relative_to(MARBLES.parent).as_posix())


def cases(paths: Iterable[Path]) -> Iterator[Any]:
    for path in paths:
        name = path.relative_to(MARBLES).as_posix()
        sheet = read(path)
        for case in sheet:
            yield pytest.param(path, sheet, case, id=f"{name}: {case.title}")


OPERATORS = list(cases(path for path in FILES if path.parent == MARBLES))
BEHAVIOURS = list(cases(path for path in FILES if path.parent != MARBLES))


@pytest.mark.parametrize(("path", "sheet", "case"), [*OPERATORS, *BEHAVIOURS])
def test_what_is_drawn_is_what_happens(path: Path, sheet: Sheet, case: Case):
    check(sheet, case, load_values(sheet, path.parent))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(MARBLES).as_posix())
def test_a_picture_says_the_same_when_it_is_drawn_again(path: Path):
    sheet = read(path)
    assert parse(draw(sheet)) == sheet


def unguarded(made: Any) -> Any:
    """Let the operator end before its neighbour leaves it: in a chain nobody else leaves for it."""

    def hold(source: Observable[Any]) -> Observable[Any]:
        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            ended = False

            def on_next(value: object) -> None:
                assert not ended, f"after its end it says {value}"
                observer.on_next(value)

            def on_error(error: Exception) -> None:
                nonlocal ended
                ended = True
                observer.on_error(error)

            def on_completed() -> None:
                nonlocal ended
                ended = True
                observer.on_completed()

            def leave() -> None:
                if not ended:
                    held.dispose()

            held = ops.listen(source, on_next, on_error, on_completed, scheduler=scheduler)
            return Disposable(leave)

        return rx.create(subscribe)

    def operator(source: Observable[Any]) -> Any:
        result = made(source)
        return hold(result) if isinstance(result, Observable) else result

    return hold(made) if isinstance(made, Observable) else operator


@pytest.mark.parametrize(("path", "sheet", "case"), OPERATORS)
def test_what_ends_leaves_everything_first(path: Path, sheet: Sheet, case: Case):
    values = load_values(sheet, path.parent)
    name = case.call.text.partition("(")[0]
    function = values[name] if name in values else getattr(ops, name)

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        return unguarded(function(*arguments, **options))

    check(sheet, case, {**values, name: call})


def is_operator(name: str) -> bool:
    """Tell whether a function returns one from observable to observable."""
    value = getattr(ops, name)
    if not inspect.isfunction(value):
        return False
    return str(inspect.signature(value).return_annotation).startswith("Callable[[Observable[")


def test_every_operator_has_its_pictures():
    operators = {name for name in ops.__all__ if is_operator(name)}
    assert operators == {path.stem for path in MARBLES.glob("*.marble")}
