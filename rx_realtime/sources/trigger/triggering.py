"""Triggering: one run, or a batch of them, and following what was triggered."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

import reactivex as rx
from msgspec.structs import replace
from pydantic import SecretStr
from reactivex import Observable
from reactivex import operators as ops
from tenacity import wait_random_exponential
from tenacity.stop import stop_after_attempt

from ...errors import WireError, is_retryable
from ...models import Run, SubscriptionToken
from ...operators import reconnect
from ...transports import Settings, exchange
from ...wire import Response
from ...wire.trigger import Account
from ...wire.trigger.api import batch_items_request, batch_request, trigger_request
from ...wire.trigger.claims import PublicClaims, decode_claims
from ...wire.trigger.decode_answers import decode_accepted, decode_batch, decode_sealed
from ...wire.trigger.scopes import scope
from ..feed import Feed
from ..token import Token, tokens
from .account import account_of, retried
from .managing import cancel
from .minting import sign, signs
from .options import TriggerOptions, trigger_options
from .runs import run

__all__ = [
    "BatchHandle",
    "RunHandle",
    "batch_trigger",
    "trigger",
    "trigger_and_subscribe",
]

T = TypeVar("T")

_HOUR: Final = 3600
_SETTINGS = Settings()
_ITEM_WAITS = wait_random_exponential(multiplier=1.0, max=30.0)
_ITEM_ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True)
class RunHandle:
    """A run that was triggered.

    Attributes:
        is_cached: an earlier call with the same idempotency key has triggered it.
        token: what lets a browser follow it, for an hour.
    """

    id: str
    task: str
    is_cached: bool = False
    token: SubscriptionToken | None = None


@dataclass(frozen=True, slots=True)
class BatchHandle:
    """A batch whose runs were triggered. `token` as for a run."""

    id: str
    run_count: int
    is_cached: bool = False
    token: SubscriptionToken | None = None


#: A task and its payload, and options where there are any.
BatchItem: TypeAlias = tuple[str, Any] | tuple[str, Any, TriggerOptions]


def trigger(
    task: str,
    payload: Any = None,
    options: TriggerOptions | None = None,
    *,
    token: Token | None = None,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[RunHandle]:
    """Trigger a task: `await` it, `.run()` it, or put it into a pipe. Each time triggers it.

    A request whose answer was lost is sent again, and triggers no second run.

    Args:
        task: the task's id.
        payload: any JSON, or text.
        options: tags, an idempotency key, a delay and others.
        token: a trigger token; by default the account's secret key.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        settings: times and limits.

    Errors:
        PayloadError: the payload is over 3 MiB, or cannot be said in JSON. Nothing was sent.
        NotFound: there is no such task.
        Refused: with 422 what cannot be, such as a one-time token that was used before.
        NotAuthorized, Forbidden, ConnectFailed, ConnectionLost, Stalled, WireError, OptionError,
        TokenError.
    """
    said = trigger_options(options)

    def once(account: Account) -> Observable[RunHandle]:
        request = trigger_request(account, task, payload, said, nonce=_nonce())

        def handle(answer: Response) -> RunHandle:
            accepted = decode_accepted(answer)
            granted = _granted(account, answer, scope("read", "runs", accepted.id))
            return RunHandle(accepted.id, task, accepted.isCached, granted)

        return retried(exchange(request, settings).pipe(ops.map(handle)))

    return Feed(_with_key(api_base_url, token, once))


def batch_trigger(
    items: Iterable[BatchItem],
    *,
    idempotency_key: str | None = None,
    token: Token | None = None,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[BatchHandle]:
    """Trigger many runs at once. Each item may be of another task.

    Args:
        items: (task, payload) or (task, payload, options) each, up to 1,000.
        idempotency_key: a batch that was triggered with the same one is returned instead.
        token: as for `trigger`, and so are the others.

    Errors:
        WireError: the server did not take in all items, five times.
        As for `trigger`.
    """
    lines = [
        (each[0], each[1], trigger_options(each[2] if len(each) > 2 else None)) for each in items
    ]
    said = {} if idempotency_key is None else {"idempotencyKey": idempotency_key}

    def once(account: Account) -> Observable[BatchHandle]:
        request = batch_request(
            account, len(lines), tasks=(task for task, *_ in lines), options=said, nonce=_nonce()
        )

        def created(answer: Response) -> BatchHandle:
            batch = decode_batch(answer)
            granted = _granted(account, answer, scope("read", "batch", batch.id))
            return BatchHandle(batch.id, batch.runCount or len(lines), batch.isCached, granted)

        def filled(handle: BatchHandle) -> Observable[BatchHandle]:
            if handle.is_cached:
                return rx.of(handle)

            def sealed(answer: Response) -> BatchHandle:
                if not decode_sealed(answer).sealed:
                    raise _Unsealed("the server has not taken in all items of the batch")
                return handle

            filling = batch_items_request(account, handle.id, lines)
            return exchange(filling, settings).pipe(
                ops.map(sealed),
                reconnect(
                    _ITEM_WAITS, stop=stop_after_attempt(_ITEM_ATTEMPTS), retry_if=_is_worth_it
                ),
            )

        batches = exchange(request, settings).pipe(ops.map(created))
        return retried(batches).pipe(ops.concat_map(filled))

    return Feed(_with_key(api_base_url, token, once))


def trigger_and_subscribe(
    task: str,
    payload: Any = None,
    options: TriggerOptions | None = None,
    *,
    skip_columns: Iterable[str] = ("payload",),
    cancel_on_leave: bool = False,
    token: Token | None = None,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[Run]:
    """Trigger a task and follow the run to its end. `await` it for the finished run.

    Args:
        skip_columns: columns that are not needed.
        cancel_on_leave: whether a run is cancelled whose subscriber leaves before its end.
        task: as for `trigger`, and so are the others. The feed is followed with the token that
            the server gives for it, and with the account's key when that has run out.

    Errors:
        Those of `trigger`, and those of `run`.
    """
    triggered = trigger(
        task, payload, options, token=token, api_base_url=api_base_url, settings=settings
    )
    skipped = list(skip_columns)

    def follow(handle: RunHandle) -> Observable[Run]:
        is_over = False

        def end() -> None:
            nonlocal is_over
            is_over = True

        def leave() -> None:
            if cancel_on_leave and not is_over:
                left = cancel(handle.id, api_base_url=api_base_url, settings=settings)
                left.subscribe(on_error=_ignore)

        followed = run(
            handle.id,
            skip_columns=skipped,
            token=_successive(handle, account_of(api_base_url).key),
            api_base_url=api_base_url,
            settings=settings,
        )
        return followed.pipe(
            ops.do_action(on_completed=end, on_error=lambda _: end()), ops.finally_action(leave)
        )

    return Feed(triggered.pipe(ops.concat_map(follow)))


class _Unsealed(WireError):
    """Sending the items again may help: those that are there already are not taken twice."""


def _is_worth_it(error: BaseException) -> bool:
    return isinstance(error, _Unsealed) or is_retryable(error)


def _ignore(_: Exception) -> None:
    """Nobody is there any more who could be told."""


def _nonce() -> str:
    return str(uuid.uuid4())


def _with_key(
    api_base_url: str | None, token: Token | None, once: Callable[[Account], Observable[T]]
) -> Observable[T]:
    """Do something with the account's key, or with a token in its place."""

    def begin(_: object) -> Observable[T]:
        account = account_of(api_base_url)

        def with_token(given: SubscriptionToken) -> Observable[T]:
            return once(replace(account, key=given.key))

        return tokens(account.key if token is None else token).pipe(ops.concat_map(with_token))

    return rx.defer(begin)


def _granted(account: Account, answer: Response, needed: str) -> SubscriptionToken | None:
    """Return the token that comes with what was triggered, or sign the claims that come."""
    if ready := answer.headers.get("x-trigger-jwt"):
        return SubscriptionToken(SecretStr(ready))
    try:
        claims = decode_claims(json.loads(answer.headers.get("x-trigger-jwt-claims", "null")) or {})
    except (ValueError, AttributeError):
        return None
    if claims is None or not signs(account.key):
        return None
    scopes = tuple(dict.fromkeys((*claims.scopes, needed)))
    mine = PublicClaims(env=claims.env, scopes=scopes, skip_columns=claims.skip_columns)
    return SubscriptionToken(sign(account, mine, _HOUR))


def _successive(handle: RunHandle, key: SecretStr | None) -> Token | None:
    """Give the run's own token first; whoever asks again was refused, and is given the key."""
    if handle.token is None:
        return None
    given = [handle.token, *([] if key is None else [SubscriptionToken(key)])]

    def factory() -> SubscriptionToken:
        return given.pop(0) if len(given) > 1 else given[0]

    return factory
