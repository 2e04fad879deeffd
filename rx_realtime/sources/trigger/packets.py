"""Payloads and outputs that are too large for a row: fetched, and put where they belong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, cast

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.disposable import CompositeDisposable, Disposable, SerialDisposable
from tenacity.stop import stop_after_attempt

from ...errors import NotFound, RealtimeError
from ...models import CaughtUp, Invalid, Run, RunChanged, Stored, SubscriptionToken, Update
from ...operators import backoff, chained, listen, reconnect
from ...transports import Settings, exchange
from ...wire import Request, Response
from ...wire.refusals import check
from ...wire.trigger import Account
from ...wire.trigger.api import packet_request, stored_request
from ...wire.trigger.decode_answers import decode_presigned
from ...wire.trigger.encode_packets import JSON, Packet
from ...wire.trigger.packets import decode_packet
from ...wire.trigger.words import run_change

__all__ = ["Fetch", "fetching", "unpacked"]

#: Delivers the value that a run keeps elsewhere.
Fetch = Callable[[str, Stored], Observable[Any]]

ATTEMPTS: Final = 5
REMEMBERED: Final = 64


def fetching(account: Account, tokens: Observable[SubscriptionToken], settings: Settings) -> Fetch:
    """Make what fetches stored values. The address of one is signed: it is sent no token."""

    def fetch(run_id: str, stored: Stored) -> Observable[Any]:
        def asked(token: SubscriptionToken) -> Observable[str]:
            def of_an_older_server(error: Exception, _: Observable[str]) -> Observable[str]:
                if not isinstance(error, NotFound):
                    return rx.throw(error)
                return answered(stored_request(account, stored.path, token.key))

            first = answered(packet_request(account, run_id, stored.field, token.key))
            return first.pipe(ops.catch(of_an_older_server))

        def answered(request: Request) -> Observable[str]:
            return exchange(request, settings).pipe(ops.map(decode_presigned))

        def fetched(url: str) -> Observable[Any]:
            return exchange(Request(url), settings).pipe(ops.map(value))

        def value(got: Response) -> Any:
            return _value(got, stored)

        values: Observable[Any] = tokens.pipe(
            ops.take(1), ops.concat_map(asked), ops.concat_map(fetched)
        )
        return values.pipe(reconnect(backoff(0.5, 5.0), stop=stop_after_attempt(ATTEMPTS)))

    return fetch


def unpacked(fetch: Fetch) -> Callable[[Observable[tuple[Update, ...]]], Observable[Update]]:
    """Deliver updates one by one; replace what runs keep elsewhere by its value.

    No run overtakes itself: while a value is fetched the updates after it wait; of each run only
    the latest, so that they are no more than there are runs. What cannot be fetched is reported
    and stays a `Stored`.
    """

    def _unpacked(source: Observable[tuple[Update, ...]]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            hand_on = observer.on_next
            values = dict[Stored, Any]()
            waiting = dict[object, Update]()
            busy = SerialDisposable()
            is_busy = is_left = False
            count = 0

            def on_next(updates: tuple[Update, ...]) -> None:
                for update in updates:
                    if is_left:  # who was told something may leave
                        return
                    if is_busy or waiting or _stored(update):
                        wait(update)
                    else:
                        hand_on(update)

            def wait(update: Update) -> None:
                nonlocal count
                count += 1
                key = _what(update) or count
                waiting.pop(key, None)
                waiting[key] = update
                deliver()

            def deliver() -> None:
                while waiting and not (is_busy or is_left):
                    update = waiting.pop(next(iter(waiting)))
                    missing = _missing(update, values)
                    if missing is None:
                        hand_on(_filled(update, values))
                    else:
                        get(update, *missing)

            def get(update: Update, run_id: str, stored: Stored) -> None:
                nonlocal is_busy
                is_busy = True

                def got(value: Any) -> None:
                    nonlocal is_busy
                    is_busy = False
                    while len(values) >= REMEMBERED:
                        values.pop(next(iter(values)))
                    values[stored] = value
                    first = {None: update, **waiting}  # it goes on where it stopped
                    waiting.clear()
                    waiting.update(first)
                    deliver()

                def failed(error: Exception) -> None:
                    why = str(error) if isinstance(error, RealtimeError) else type(error).__name__
                    hand_on(Invalid(f"the {stored.field} could not be fetched: {why}"))
                    got(stored)

                busy.disposable = fetch(run_id, stored).subscribe(got, failed, scheduler=scheduler)

            def leave() -> None:
                nonlocal is_left
                is_left = True

            source_ = listen(
                source, on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )
            return CompositeDisposable(Disposable(leave), source_, busy)

        return chained(subscribe)

    return _unpacked


def _what(update: Update) -> object:
    """What an update is the latest of; None where each counts."""
    match update:
        case RunChanged(run_id=run_id):
            return "run", run_id
        case CaughtUp():
            return "all"
        case _:
            return None


def _missing(update: Update, values: dict[Stored, Any]) -> tuple[str, Stored] | None:
    """Return what has to be fetched before the update can be delivered."""
    for stored in _stored(update):
        if stored not in values:
            return cast(Run, cast(RunChanged, update).data).id, stored
    return None


def _filled(update: Update, values: dict[Stored, Any]) -> Update:
    stored = _stored(update)
    if not stored:
        return update
    run = cast(Run, cast(RunChanged, update).data)
    found = {each.field: values[each] for each in stored}
    left = tuple([value for value in found.values() if isinstance(value, Stored)])
    return run_change(replace(run, stored=left, **found))


def _stored(update: Update) -> tuple[Stored, ...]:
    """Return what a run keeps elsewhere. Nothing else of it is read."""
    if type(update) is not RunChanged or not isinstance(update.data, Run):
        return ()
    return update.data.stored


def _value(got: Response, stored: Stored) -> Any:
    check(got)
    text = got.body.decode("utf-8", "replace")
    return decode_packet(Packet(text, got.headers.get("content-type", JSON)), stored.field)
