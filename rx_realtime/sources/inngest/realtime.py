"""`inngest.subscribe` and `inngest.realtime`: one cold sequence of updates, and the hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactivex import Observable, abc
from typing_extensions import TypeVar

from ...models import ABSENT, Absent, Channel, Idle, Update
from ...operators import Wait, backoff, deferred, mark_gaps, restarted
from ...transports import Settings
from ..ending import closed_at_the_end, with_typed_result
from ..feed import Feed
from ..options import Duration, Option, as_seconds, at_once, combined
from ..pauses import Pauses
from ..realtime import Realtime
from ..token import Token
from .connection import Carrier, Retries, Transport
from .lifecycle import Lifecycle, told_by
from .target import Listening, Target, Topics

__all__ = ["realtime", "subscribe"]

R = TypeVar("R", default=Any)


def subscribe(
    channel: Channel | str | Absent = ABSENT,
    topics: Topics = None,
    token: Token | None = None,
    *,
    validate: bool = True,
    reconnect: bool = True,
    wait: Wait | Callable[[], Wait] | None = None,
    max_attempts: int | None = None,
    api_base_url: str | None = None,
    transport: Transport = "websocket",
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[Update]:
    """Listen to topics of a channel, and deliver everything that happens as updates.

    What `realtime` is made of, without its views. It goes on until it is left: reconnects,
    gaps and retries are updates. Arguments and errors as for `realtime`.
    """
    retries = Retries(reconnect, backoff() if wait is None else wait, max_attempts)
    listening = Listening(api_base_url, validate, Carrier(transport, settings), retries)
    updates = deferred(lambda _: listening.updates(Target(channel, topics, token)))
    return Feed(updates.pipe(mark_gaps()))


def realtime(
    channel: Option[Channel | str | None] | Absent = ABSENT,
    topics: Option[Topics] = None,
    *,
    token: Option[Token | None] = None,
    key: Option[object] = None,
    enabled: Option[bool] = True,
    validate: bool = True,
    history_limit: Option[int | None] = 100,
    buffer_interval: Option[Duration] = 0.0,
    reconnect: bool = True,
    reconnect_min: Duration = 0.25,
    reconnect_max: Duration = 5.0,
    wait: Wait | Callable[[], Wait] | None = None,
    max_attempts: int | None = None,
    visible: Observable[bool] | None = None,
    pause_on_hidden: Option[bool] = True,
    auto_close_on_terminal: bool = True,
    lifecycle: Lifecycle | None = None,
    result: type[R] | None = None,
    api_base_url: str | None = None,
    transport: Transport = "websocket",
    settings: Settings = Settings(),  # noqa: B008  (frozen)
    scheduler: abc.SchedulerBase | None = None,
) -> Realtime[R]:
    """Listen to a channel of a run: `useRealtime`, as observables.

    Args:
        channel: a channel, its name, or None while there is none yet: then the connection is
            idle. Left out, the token names it.
        topics: topics or their names; by default all that a typed channel has.
        token: a token in any form, or a factory, which is asked at every attempt to connect. By
            default one is minted with the account's signing key, or freely by a dev server.
        key: another value begins anew, as another channel does.
        enabled: False pauses.
        validate: check the data of typed topics, and deliver it as their type. What does not fit
            is an `Invalid` in `events`, and nowhere else.
        history_limit: how many messages `messages.all` keeps: None all, 0 none.
        buffer_interval: seconds between two deliveries to `messages.all`, `last` and `delta`; 0
            delivers each message at once.
        reconnect: whether a connection that breaks off comes back.
        reconnect_min: seconds; see `operators.backoff`.
        reconnect_max: seconds; see `operators.backoff`.
        wait: takes the place of these two: any tenacity wait, or a list of delays; as a function
            it is asked before each wait, so that the waits may change.
        max_attempts: how many attempts may fail in a row; None is forever.
        visible: False pauses, where `pause_on_hidden`.
        pause_on_hidden: whether `visible` counts.
        auto_close_on_terminal: whether the end of the run is the end of listening.
        lifecycle: tells how the run stands where the server does not, such as `inngest.run(id)`:
            the open-source server publishes nothing about runs. What the server does say wins.
        result: a type that the run's result is validated as.
        api_base_url: the server; by default the token's, else what the `INNGEST_*` variables say.
        transport: "websocket", or "sse" where websockets do not get through.
        settings: times and limits of the transport.
        scheduler: takes the place of the event loop's, as virtual time does in tests.

    Returns:
        A `Realtime`. Nothing happens until one of its observables is used.

    Raises:
        OptionError: if an option has a value that cannot be used.

    Errors:
        Of its observables, shown in `state` before. What may heal is tried again and is only
        shown. TokenError, NotAuthorized, Forbidden, FrameTooLarge, OptionError are final.
    """
    waits = backoff(as_seconds(reconnect_min), as_seconds(reconnect_max)) if wait is None else wait
    retries = Retries(reconnect, waits, max_attempts)
    listening = Listening(api_base_url, validate, Carrier(transport, settings), retries)
    pauses = Pauses(enabled, visible, pause_on_hidden)

    def of_target(target: Target) -> Observable[Update]:
        if target.is_none:
            return at_once(Idle())
        updates = listening.updates(target).pipe(
            told_by(lifecycle),
            pauses.respected(),
            mark_gaps(),
            with_typed_result(result),
        )
        return closed_at_the_end(updates) if auto_close_on_terminal else updates

    targets = combined(Target.of, channel, topics, token, key, identity=Target.identity)

    def updates(resets: Observable[object]) -> Observable[Update]:
        return targets.pipe(
            restarted(of_target, is_same=Target.is_same, resets=resets),
            pauses.known(),  # so that pauses are known before a target asks for them
        )

    return Realtime(
        updates,
        history_limit=history_limit,
        buffer_interval=buffer_interval,
        scheduler=scheduler,
    )
