"""Runs as they change: one, those with some tags, those of a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from reactivex import Observable, abc

from ...errors import OptionError
from ...models import Run, RunChanged, Update
from ...operators import Wait, backoff, chained, deferred, listen, until_terminal
from ...transports import Settings
from ...wire.shape import ShapeWire
from ...wire.trigger import Account
from ...wire.trigger.feeds import batch_feed, run_feed, runs_feed
from ..feed import Feed
from ..options import Duration, as_seconds
from ..token import Token
from .connection import Carrier, Retries, Transport
from .target import Following, Selection
from .view import RunsView, viewed

__all__ = ["batch", "run", "runs", "runs_view", "subscribe"]

_SETTINGS = Settings()


def subscribe(
    run_id: str | None = None,
    *,
    tags: str | Iterable[str] | None = None,
    batch_id: str | None = None,
    created_at: str | timedelta | None = None,
    skip_columns: Iterable[str] = (),
    token: Token | None = None,
    reconnect: bool = True,
    wait: Wait | Callable[[], Wait] | None = None,
    max_attempts: int | None = None,
    wait_for_run: Duration = 10.0,
    api_base_url: str | None = None,
    transport: Transport = "poll",
    settings: Settings = _SETTINGS,
) -> Feed[Update]:
    """Follow runs, and deliver everything that happens as updates.

    What the others here are made of. Each change of a run is a `RunChanged`, whose `data` is the
    `Run`; one that is deleted, or no longer selected, is a `RowDeleted`; `CaughtUp` says that
    these are all there are, be it none. Connecting, retries and the server's beginning anew are
    updates, too. It goes on until it is left.

    Args:
        run_id: one run. Of this, `tags` and `batch_id` one may be given; with none of them it is
            all runs of the environment.
        tags: runs that have all these tags. A tag with a comma cannot be asked for.
        batch_id: the runs of a batch.
        created_at: how old they may be, such as "1h30m", counted from when it is first asked.
            The server knows no more than 24 hours, which is also the default.
        skip_columns: columns that are not needed, in the wire's spelling or that of `Run`.
        token: a token in any form, or a factory, which is asked at every attempt to connect. By
            default the account's key.
        reconnect: whether a connection that breaks off comes back.
        wait: any tenacity wait, or a list of delays, or a function that returns either; by
            default `operators.backoff()`.
        max_attempts: how many attempts may fail in a row; None is forever.
        wait_for_run: seconds for which what the server calls "not found yet" is waited for.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        transport: "poll", or what asks a question in its place.
        settings: times and limits.

    Raises:
        OptionError: if an option has a value that cannot be used.

    Errors:
        TokenError, NotAuthorized, Forbidden, NotFound, Refused, FrameTooLarge, OptionError.
        WireError: the server's answers, or those of something before it, make no sense.
        What may heal is tried again.
    """
    retries = Retries(
        reconnect, backoff() if wait is None else wait, max_attempts, as_seconds(wait_for_run)
    )
    following = Following(api_base_url, Carrier(transport, settings), retries)
    selection = _selection(run_id, tags, batch_id, created_at, skip_columns)
    following.check(selection)
    return Feed(deferred(lambda _: following.updates(selection, token)))


def run(
    run_id: str,
    *,
    stop_on_completion: bool = True,
    skip_columns: Iterable[str] = (),
    token: Token | None = None,
    wait_for_run: Duration = 10.0,
    api_base_url: str | None = None,
    transport: Transport = "poll",
    settings: Settings = _SETTINGS,
) -> Feed[Run]:
    """Follow a run: deliver it as it stands and whenever it changes; complete when it is over.

    `await run(run_id)` waits for its end, and is the finished run.

    Args:
        run_id: which run, `run_…`.
        stop_on_completion: False goes on after its end, until it is left.
        skip_columns: as for `subscribe`, and so are the others. Its end is seen without
            `completedAt`, too.

    Errors:
        As for `subscribe`.
    """
    updates = subscribe(
        run_id,
        skip_columns=skip_columns,
        token=token,
        wait_for_run=wait_for_run,
        api_base_url=api_base_url,
        transport=transport,
        settings=settings,
    )
    changes = _runs(updates.source)
    ended = changes.pipe(until_terminal()) if stop_on_completion else changes
    return Feed(ended, overflow=_run_id)


def runs(
    tags: str | Iterable[str] | None = None,
    *,
    created_at: str | timedelta | None = None,
    skip_columns: Iterable[str] = (),
    token: Token | None = None,
    api_base_url: str | None = None,
    transport: Transport = "poll",
    settings: Settings = _SETTINGS,
) -> Feed[Run]:
    """Follow the runs that have all these tags: deliver each as it stands and when it changes.

    A reader who is behind is given the latest state of each run. Arguments and errors as for
    `subscribe`; `runs_view` also tells which runs are gone, and when these are all.
    """
    updates = subscribe(
        tags=() if tags is None else tags,
        created_at=created_at,
        skip_columns=skip_columns,
        token=token,
        api_base_url=api_base_url,
        transport=transport,
        settings=settings,
    )
    return Feed(_runs(updates.source), overflow=_run_id)


def batch(
    batch_id: str,
    *,
    skip_columns: Iterable[str] = (),
    token: Token | None = None,
    wait_for_run: Duration = 10.0,
    api_base_url: str | None = None,
    transport: Transport = "poll",
    settings: Settings = _SETTINGS,
) -> Feed[Run]:
    """Follow the runs of a batch, as `runs` does. Arguments and errors as for `subscribe`."""
    updates = subscribe(
        batch_id=batch_id,
        skip_columns=skip_columns,
        token=token,
        wait_for_run=wait_for_run,
        api_base_url=api_base_url,
        transport=transport,
        settings=settings,
    )
    return Feed(_runs(updates.source), overflow=_run_id)


def runs_view(
    tags: str | Iterable[str] | None = None,
    *,
    batch_id: str | None = None,
    created_at: str | timedelta | None = None,
    skip_columns: Iterable[str] = (),
    token: Token | None = None,
    wait_for_run: Duration = 10.0,
    api_base_url: str | None = None,
    transport: Transport = "poll",
    settings: Settings = _SETTINGS,
) -> Feed[RunsView]:
    """Follow runs as a list: deliver what has changed together with all of them.

    The first view is complete, be it empty; one follows each change that the server calls
    complete. Runs that are deleted, or no longer selected, leave the list. Arguments and errors
    as for `subscribe`.
    """
    updates = subscribe(
        tags=None if batch_id is not None and tags is None else tags or (),
        batch_id=batch_id,
        created_at=created_at,
        skip_columns=skip_columns,
        token=token,
        wait_for_run=wait_for_run,
        api_base_url=api_base_url,
        transport=transport,
        settings=settings,
    )
    return Feed(updates.source.pipe(viewed()), overflow=_all_alike)


def _selection(
    run_id: str | None,
    tags: str | Iterable[str] | None,
    batch_id: str | None,
    created_at: str | timedelta | None,
    skip_columns: Iterable[str],
) -> Selection:
    names = None if tags is None else [tags] if isinstance(tags, str) else list(tags)
    skipped = [skip_columns] if isinstance(skip_columns, str) else list(skip_columns)
    if sum(each is not None for each in (run_id, names, batch_id)) > 1:
        raise OptionError("follow a run, runs with tags, or a batch: not several of them")
    if created_at is not None and (run_id is not None or batch_id is not None):
        raise OptionError("`created_at` is for runs with tags")

    def select(account: Account, nonce: str) -> ShapeWire:
        if run_id is not None:
            return run_feed(account, run_id, skip_columns=skipped, nonce=nonce)
        if batch_id is not None:
            return batch_feed(account, batch_id, skip_columns=skipped, nonce=nonce)
        return runs_feed(
            account, tags=names or (), created_at=created_at, skip_columns=skipped, nonce=nonce
        )

    return select


def _runs(updates: Observable[Update]) -> Observable[Run]:
    """Deliver the runs that have changed, and nothing else."""

    def subscribe(
        observer: abc.ObserverBase[Run], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        deliver = observer.on_next

        def on_next(update: Update) -> None:
            if type(update) is RunChanged:
                deliver(update.data)

        return listen(
            updates, on_next, observer.on_error, observer.on_completed, scheduler=scheduler
        )

    return chained(subscribe)


def _run_id(run: Run) -> str:
    return run.id


def _all_alike(_: RunsView) -> None:
    return None  # each view is a whole one
