"""The end of a run: its result as a type, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from pydantic import TypeAdapter, ValidationError
from reactivex import Observable, abc

from ..models import ABSENT, Closed, Invalid, RunChanged, Update, explain
from ..operators import chained, concluded, fast_lane, listen, until_terminal

__all__ = ["closed_at_the_end", "with_typed_result"]


def closed_at_the_end(updates: Observable[Update]) -> Observable[Update]:
    """Complete with the end of the run, and say that this closes the connection."""
    closed: Update = Closed()
    return updates.pipe(until_terminal(), concluded(closed))


def with_typed_result(
    result: type[Any] | None,
) -> Callable[[Observable[Update]], Observable[Update]]:
    """Validate the run's result; one that does not fit is reported, and the run is still over.

    Args:
        result: anything that pydantic can validate; None takes results as they come.
    """
    if result is None:
        return lambda updates: updates
    adapter: TypeAdapter[Any] = TypeAdapter(result)

    def typed(update: RunChanged) -> tuple[Update, ...]:
        try:
            return (replace(update, result=adapter.validate_python(update.result)),)
        except ValidationError as error:
            invalid = Invalid(f"the result: {explain(error)}", data=update.result)
            return (invalid, replace(update, result=ABSENT))

    def _with_typed_result(updates: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            def on_next(update: Update) -> None:
                if isinstance(update, RunChanged) and update.result is not ABSENT:
                    for each in typed(update):
                        observer.on_next(each)
                else:
                    observer.on_next(update)

            return listen(
                updates,
                on_next,
                observer.on_error,
                observer.on_completed,
                scheduler=scheduler,
                lane=fast_lane(observer),
            )

        return chained(subscribe)

    return _with_typed_result
