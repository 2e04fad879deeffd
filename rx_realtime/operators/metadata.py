"""One value out of what runs say about themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import reactivex as rx
from reactivex import Observable, abc

from ..models import ABSENT, Run, RunChanged

__all__ = ["metadata"]


def metadata(path: str = "") -> Callable[[Observable[Any]], Observable[Any]]:
    """Pick a value out of the metadata of a run, and deliver it each time it is another one.

        rt.events.pipe(ops.metadata("progress.percentage"))

    Args:
        path: names, or places in lists, with dots between them; empty is all of it.

    Returns:
        An operator on runs or updates. Where a run has no such value, nothing is delivered.
    """
    steps = path.split(".") if path else []

    def _metadata(source: Observable[Any]) -> Observable[Any]:
        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            latest: Any = ABSENT

            def on_next(given: Any) -> None:
                nonlocal latest
                run = given.data if isinstance(given, RunChanged) else given
                if not isinstance(run, Run):
                    return
                value = _pick(run.metadata, steps)
                # In Python True is 1; in a run's metadata it is not.
                is_new = type(value) is not type(latest) or value != latest
                if value is not ABSENT and is_new:
                    latest = value
                    observer.on_next(value)

            return source.subscribe(
                on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )

        return rx.create(subscribe)

    return _metadata


def _pick(value: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(value, Mapping):
            value = cast(Mapping[str, Any], value).get(step, ABSENT)
        elif isinstance(value, list) and step.isdecimal():
            items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]  # any of them
            value = items[int(step)] if len(step) < 10 and int(step) < len(items) else ABSENT
        else:
            return ABSENT
    return ABSENT if value is None and not steps else value
