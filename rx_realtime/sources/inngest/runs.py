"""Events and the runs they start, over the REST API.

The open-source server publishes nothing about runs on its realtime connections: who wants to know
how a run stands asks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import reactivex as rx
from pydantic import SecretStr
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.scheduler import TimeoutScheduler

from ...errors import NotFound, is_retryable
from ...operators import backoff, reconnect, repeated, until_terminal
from ...transports import Settings, exchange
from ...wire import Request, Response
from ...wire.inngest import Run
from ...wire.inngest.api import cancel_request, event_request, run_request, runs_request
from ...wire.inngest.decode_answers import decode_event_ids, decode_run, decode_runs
from ...wire.refusals import check
from ..feed import Feed
from ..options import Duration, as_seconds
from .account import account_of, asked, settings_of

__all__ = ["cancel", "run", "runs", "send"]


def send(
    events: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[tuple[str, ...]]:
    """Send events, which start the functions that wait for them. Delivers their ids.

    Args:
        events: one or several of `{"name": "orders/paid", "data": {…}}`.
        api_base_url: the server; by default what the `INNGEST_*` variables say.
        settings: times and limits.

    Errors:
        PayloadError, Refused, ConnectFailed, ConnectionLost, WireError.
    """
    several = [events] if isinstance(events, Mapping) else list(events)

    def once(_: object) -> Observable[tuple[str, ...]]:
        account = account_of(api_base_url)

        def ids(answer: Response) -> tuple[str, ...]:
            check(answer)
            return decode_event_ids(answer)

        request = event_request(account, several)
        return exchange(request, settings_of(settings, account)).pipe(ops.map(ids))

    return Feed(rx.defer(once))


def runs(
    event_id: str,
    *,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[tuple[Run, ...]]:
    """Ask once which runs an event has started so far. It may take a moment until there are any.

    Errors:
        NotAuthorized, NotFound, Refused, ConnectFailed, ConnectionLost, WireError, OptionError.
    """

    def once(_: object) -> Observable[tuple[Run, ...]]:
        account = account_of(api_base_url)

        def request(key: SecretStr | None) -> Request:
            return runs_request(account, event_id, key, nonce=_nonce())

        return asked(account, settings, request, decode_runs)

    return Feed(rx.defer(once))


def run(
    run_id: str,
    *,
    poll_min: Duration = 0.5,
    poll_max: Duration = 5.0,
    wait_for_run: Duration = 10.0,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[Run]:
    """Observe a run: deliver it as it stands and whenever it changes; complete when it is over.

    `await run(run_id)` waits for its end, and is the finished run.

    Args:
        run_id: which run.
        poll_min: seconds until it is asked for again after a change.
        poll_max: seconds between two questions when nothing has changed for long.
        wait_for_run: seconds for which a run may not be known to the server yet.
        api_base_url: the server; by default what the `INNGEST_*` variables say.
        settings: times and limits.

    Errors:
        NotFound: there is no such run, `wait_for_run` seconds long.
        NotAuthorized, Refused, WireError, OptionError. What may heal is asked again.
    """
    shortest, longest = as_seconds(poll_min), as_seconds(poll_max)
    patience = as_seconds(wait_for_run)

    def once(_: object) -> Observable[Run]:
        account = account_of(api_base_url)

        def request(key: SecretStr | None) -> Request:
            return run_request(account, run_id, key, nonce=_nonce())

        return asked(account, settings, request, decode_run)

    def observed(scheduler: abc.SchedulerBase | None) -> Observable[Run]:
        clock = scheduler or TimeoutScheduler.singleton()
        began, seen = clock.now, False

        def is_worth_it(error: BaseException) -> bool:
            if isinstance(error, NotFound):
                return not seen and (clock.now - began).total_seconds() < patience
            return is_retryable(error)

        def see(_: Run) -> None:
            nonlocal seen
            seen = True

        answer: Observable[Run] = rx.defer(once).pipe(ops.do_action(see))
        answers = answer.pipe(
            reconnect(backoff(shortest, longest), retry_if=is_worth_it),
            repeated(shortest, longest),
        )
        return answers.pipe(ops.distinct_until_changed(), until_terminal())

    return Feed(rx.defer(observed))


def cancel(
    run_id: str,
    *,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[None]:
    """Cancel a run. Errors as for `runs`."""

    def once(_: object) -> Observable[None]:
        account = account_of(api_base_url)

        def request(key: SecretStr | None) -> Request:
            return cancel_request(account, run_id, key)

        return asked(account, settings, request, _nothing)

    return Feed(rx.defer(once))


def _nonce() -> str:
    """Something new each time: the server's answers are cached for seconds, per URL."""
    return str(time.time_ns())


def _nothing(_: Response) -> None:
    return None
