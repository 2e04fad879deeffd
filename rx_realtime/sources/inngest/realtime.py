"""`inngest.subscribe` and `inngest.realtime`: one cold sequence of updates, and the hook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import reactivex as rx
from pydantic import TypeAdapter, ValidationError
from reactivex import Observable, abc
from reactivex import operators as ops
from typing_extensions import TypeVar

from ...models import (
    ABSENT,
    Absent,
    Channel,
    Closed,
    Failed,
    Idle,
    Invalid,
    Paused,
    PauseReason,
    RunChanged,
    Topic,
    Update,
    channel_name,
    explain,
)
from ...operators import (
    Wait,
    backoff,
    concluded,
    joined_by,
    latest,
    mark_gaps,
    restarted,
    until_terminal,
    while_active,
)
from ...transports import Settings
from ...wire.inngest import Run
from ..feed import Feed
from ..options import Duration, Option, as_seconds, at_once, values
from ..realtime import Realtime
from ..token import Token, tokens
from .account import account_of, settings_of
from .connection import Carrier, Retries, Transport, updates_of
from .minting import subscription_token, topics_of

__all__ = ["realtime", "subscribe"]

R = TypeVar("R", default=Any)
Topics: TypeAlias = Iterable[Topic[Any] | str] | None

#: How long the last messages may take after the REST API says that the run is over.
SETTLING: Final = 0.5


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
    listening = _Listening(api_base_url, validate, Carrier(transport, settings), retries)
    updates = rx.defer(lambda _: listening.updates(_Target(channel, topics, token)))
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
    lifecycle: Observable[Run] | Observable[RunChanged] | None = None,
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
    listening = _Listening(api_base_url, validate, Carrier(transport, settings), retries)
    changes: Observable[Update] = rx.empty() if lifecycle is None else _changes(lifecycle)
    typed = _typed(result)

    pauses = _pauses(enabled, visible, pause_on_hidden).pipe(latest())

    unspoken: Observable[Any] = pauses.pipe(ops.ignore_elements())

    def of_target(target: _Target) -> Observable[Update]:
        if target.channel is None:
            return at_once(Idle())
        updates: Observable[Update] = listening.updates(target).pipe(
            joined_by(changes, until=_is_said),
            while_active(pauses, announce=_paused),
            mark_gaps(),
            typed,
        )
        return updates.pipe(_closing) if auto_close_on_terminal else updates

    targets: Observable[_Target] = rx.combine_latest(
        values(channel), values(topics), values(token), values(key)
    ).pipe(ops.map(_Target.of), ops.distinct_until_changed(_Target.identity))

    def updates(resets: Observable[object]) -> Observable[Update]:
        return targets.pipe(
            restarted(of_target, is_same=_Target.is_same, resets=resets),
            joined_by(unspoken),  # so that pauses are known before a target asks for them
        )

    return Realtime(
        updates,
        history_limit=history_limit,
        buffer_interval=buffer_interval,
        scheduler=scheduler,
    )


def _closing(updates: Observable[Update]) -> Observable[Update]:
    """End with the run, and say that this closes the connection."""
    closed: Update = Closed()
    return updates.pipe(until_terminal(), concluded(closed))


def _paused(reason: PauseReason) -> Update:
    return Paused(reason)


class _Target:
    """What is listened to: where one of these changes, a new connection begins."""

    def __init__(
        self,
        channel: Channel | str | Absent | None,
        topics: Topics,
        token: Token | None,
        key: object = None,
    ) -> None:
        self.channel = channel
        self.token = token
        self._key = key
        known = None if isinstance(channel, Absent) else channel
        self.topics = topics_of(known, topics)
        self.name = None if known is None else channel_name(known)

    @classmethod
    def of(cls, parts: tuple[Any, ...]) -> _Target:
        """Make a target of what the options say now."""
        return cls(*parts)

    def identity(self) -> tuple[object, ...]:
        """What makes it this target; the order of its topics does not."""
        return (*self._subject(), self.token)

    def is_same(self, other: _Target) -> bool:
        """Whether only the token is another: then what is known of the channel stays true."""
        return self._subject() == other._subject()

    def _subject(self) -> tuple[object, ...]:
        return self.name, frozenset(self.topics), self._key


@dataclass(frozen=True)
class _Listening:
    """How targets are listened to."""

    api_base_url: str | None
    validate: bool
    carrier: Carrier
    retries: Retries

    def updates(self, target: _Target) -> Observable[Update]:
        account = account_of(self.api_base_url)
        carrier = replace(self.carrier, settings=settings_of(self.carrier.settings, account))
        return updates_of(
            target.name,
            target.topics,
            tokens(target.token or self._minter(target)),
            base_url=account.api_url,
            base_url_wins=self.api_base_url is not None,
            validate=self.validate,
            carrier=carrier,
            retries=self.retries,
        )

    def _minter(self, target: _Target) -> Token | None:
        if target.name is None or not target.topics:
            return None
        name, topics, settings = target.name, tuple(target.topics), self.carrier.settings
        return lambda: subscription_token(
            name, topics, api_base_url=self.api_base_url, settings=settings
        )


def _pauses(
    enabled: Option[bool], visible: Observable[bool] | None, pause_on_hidden: Option[bool]
) -> Observable[PauseReason | None]:
    def reason(parts: tuple[bool, bool, bool]) -> PauseReason | None:
        is_enabled, is_visible, hiding_counts = parts
        if not is_enabled:
            return PauseReason.DISABLED
        return None if is_visible or not hiding_counts else PauseReason.HIDDEN

    shown = at_once(True) if visible is None else visible
    return rx.combine_latest(values(enabled), shown, values(pause_on_hidden)).pipe(ops.map(reason))


def _changes(lifecycle: Observable[Run] | Observable[RunChanged]) -> Observable[Update]:
    """Say as updates what is told of the run: its end a moment later, that no message be lost."""

    def change(told: Run | RunChanged) -> Observable[Update]:
        said = told.change() if isinstance(told, Run) else told
        settled = rx.timer(SETTLING) if said.is_terminal else at_once(0)
        return settled.pipe(ops.map(lambda _: said))

    def fail(error: Exception, _: Observable[Update]) -> Observable[Update]:
        return rx.concat(at_once(Failed(error)), rx.throw(error))

    told: Observable[Any] = lifecycle
    return told.pipe(ops.concat_map(change), ops.catch(fail))


def _is_said(update: Update) -> bool:
    """Whether the server itself speaks about the run."""
    return isinstance(update, RunChanged)


def _typed(result: type[Any] | None) -> Callable[[Observable[Update]], Observable[Update]]:
    """Validate the run's result; one that does not fit is reported, and the run is still over."""
    if result is None:
        return lambda source: source
    adapter: TypeAdapter[Any] = TypeAdapter(result)

    def typed(update: Update) -> tuple[Update, ...]:
        if not isinstance(update, RunChanged) or update.result is ABSENT:
            return (update,)
        try:
            return (replace(update, result=adapter.validate_python(update.result)),)
        except ValidationError as error:
            invalid = Invalid(f"the result: {explain(error)}", data=update.result)
            return (invalid, replace(update, result=ABSENT))

    def _type(source: Observable[Update]) -> Observable[Update]:
        def subscribe(
            observer: abc.ObserverBase[Update], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            def on_next(update: Update) -> None:
                for each in typed(update):
                    observer.on_next(each)

            return source.subscribe(
                on_next, observer.on_error, observer.on_completed, scheduler=scheduler
            )

        return rx.create(subscribe)

    return _type
