"""Where tokens come from: given once, or asked for whenever one is needed."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

import reactivex as rx
from pydantic import SecretStr
from reactivex import Observable, abc
from reactivex import operators as ops

from ..errors import RealtimeError, TokenError, TokenFactoryError, Unfinished
from ..models import SubscriptionToken
from ..operators import deferred
from ..transports import call_on, from_task, is_virtual
from .options import at_once

__all__ = ["Token", "TokenFactory", "tokens"]

Given: TypeAlias = SubscriptionToken | SecretStr | str | Mapping[str, Any]
#: Called for every attempt to connect. It may return a token, or something that can be awaited
#: for one, such as a coroutine or an observable.
TokenFactory: TypeAlias = Callable[[], Given | Awaitable[Given] | Observable[Given]]
#: Everything that may be given as a token.
Token: TypeAlias = Given | TokenFactory

FACTORY_TIMEOUT: Final = 10.0


def tokens(
    token: Token | None, *, timeout: float = FACTORY_TIMEOUT
) -> Observable[SubscriptionToken]:
    """Deliver a token for each subscription.

    A factory is asked anew each time: tokens last a minute, connections for days. A plain
    function is called in a thread, so that it may block; leaving the subscription cancels a
    coroutine, and forgets the answer of a thread.

    Args:
        token: a token in any of its forms, or a factory.
        timeout: seconds that a factory may take.

    Errors:
        TokenError: what was given, or returned, is no token.
        TokenFactoryError: the factory raised, which is its cause, or took too long.
    """
    if token is None:
        return rx.throw(TokenError("no token was given: pass `token=`, a token or a factory"))
    if not callable(token):
        return deferred(lambda _: at_once(SubscriptionToken.parse(token)))

    def ask(scheduler: abc.SchedulerBase | None) -> Observable[SubscriptionToken]:
        # Virtual time has no threads and no loop: only values and observables can be answered.
        answer = _inline(token) if is_virtual(scheduler) else _on_loop(token)
        late = rx.throw(TokenFactoryError(f"the token factory took longer than {timeout:g} s"))
        return answer.pipe(
            ops.flat_map(_first),
            ops.timeout(timeout, late),
            ops.catch(_as_ours),
            ops.map(SubscriptionToken.parse),
        )

    return rx.defer(ask)


def _inline(factory: TokenFactory) -> Observable[Any]:
    return rx.defer(lambda _: at_once(factory()))


def _on_loop(factory: TokenFactory) -> Observable[Any]:
    async def run(deliver: Callable[[Any], None]) -> None:
        if inspect.iscoroutinefunction(factory):
            answer: Any = factory()
        else:
            answer = await _in_thread(factory)
        if inspect.isawaitable(answer) and not isinstance(answer, Observable):
            answer = await answer
        deliver(answer)

    return from_task(run)


def _first(answer: Given | Observable[Given]) -> Observable[Given]:
    """Return what was answered; of an observable the first value, without waiting for its end."""
    return answer.pipe(ops.first()) if isinstance(answer, Observable) else at_once(answer)


async def _in_thread(function: Callable[[], Any]) -> Any:
    """Call what may block, in a thread of its own.

    In one of the event loop's, what never returns would keep the loop, and then the program, from
    ending, and use up the threads that others need.
    """
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()
    answered: asyncio.Future[Any] = loop.create_future()

    def call() -> None:
        try:
            answer = partial(answered.set_result, context.run(function))
        except BaseException as error:
            answer = partial(answered.set_exception, _raised(error))

        def settle() -> None:
            if not answered.done():  # or else nobody waits for it any more
                answer()

        call_on(loop, settle)

    threading.Thread(target=call, name="rx_realtime token factory", daemon=True).start()
    return await answered


def _as_ours(error: Exception, _: Observable[Any]) -> Observable[Any]:
    return rx.throw(_raised(error))


def _raised(error: BaseException) -> RealtimeError:
    if isinstance(error, RealtimeError) and not isinstance(error, Unfinished):
        return error
    # Its text may quote what it was sent: only its kind is ours to show.
    ours = TokenFactoryError(f"the token factory raised {type(error).__name__}")
    ours.__cause__ = error
    return ours
