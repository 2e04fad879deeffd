"""Token factories: whatever they do, an attempt ends in a token or in a typed error."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
import reactivex as rx
from pydantic import SecretStr
from reactivex import operators as ops
from reactivex.scheduler import VirtualTimeScheduler

import rx_realtime as rxr
from rx_realtime.errors import (
    NotAuthorized,
    TokenError,
    TokenFactoryError,
    is_retryable,
)
from rx_realtime.models import SubscriptionToken
from rx_realtime.server import DevServer
from rx_realtime.sources.feed import Feed
from rx_realtime.sources.token import tokens

KEY = "eyJ.one.two"


async def token_of(given: Any, **options: Any) -> SubscriptionToken:
    return await Feed(tokens(given, **options))


async def error_of(given: Any, **options: Any) -> Exception:
    with pytest.raises(rxr.RealtimeError) as raised:
        await token_of(given, **options)
    return raised.value


async def a_coroutine() -> str:
    await asyncio.sleep(0)
    return KEY


class Callee:
    async def __call__(self) -> str:
        return KEY


FORMS: dict[str, Any] = {
    "text": KEY,
    "secret": SecretStr(KEY),
    "mapping": {"key": KEY},
    "token": SubscriptionToken(SecretStr(KEY)),
}
FACTORIES: dict[str, Any] = {
    "function": lambda: KEY,
    "coroutine function": a_coroutine,
    "function of a coroutine": lambda: a_coroutine(),  # noqa: PLW0108
    "partial": partial(a_coroutine),
    "object": Callee(),
    "observable": lambda: rx.of(KEY),
    "feed": lambda: Feed(rx.timer(0.001)).pipe(ops.map(lambda _: KEY)),
    "observable that goes on": lambda: rx.concat(rx.of(KEY), rx.never()),
    "of a mapping": lambda: {"key": KEY, "apiBaseUrl": "http://localhost:8288"},
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_token_in_any_form(form: str):
    assert (await token_of(FORMS[form])).key.get_secret_value() == KEY


@pytest.mark.parametrize("form", FACTORIES)
async def test_a_factory_in_any_form(form: str):
    assert (await token_of(FACTORIES[form])).key.get_secret_value() == KEY


async def test_a_factory_is_asked_anew_each_time():
    numbers = count(1)
    source = tokens(lambda: f"key-{next(numbers)}")
    assert [(await Feed(source)).key.get_secret_value() for _ in range(3)] == [
        "key-1",
        "key-2",
        "key-3",
    ]


async def test_a_plain_function_may_block_and_knows_its_context():
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("here")
    go_on, seen = threading.Event(), list[Any]()

    def factory() -> str:
        seen.append((threading.current_thread(), variable.get()))
        go_on.wait(5)
        return KEY

    asking = asyncio.ensure_future(token_of(factory))
    await asyncio.sleep(0)
    go_on.set()  # the loop goes on while the factory blocks
    await asking
    [(thread, value)] = seen
    assert value == "here"
    assert thread is not threading.current_thread()
    assert thread.daemon  # one that never returns does not keep a program from ending


ERRORS = [ValueError("secret"), KeyError(), StopIteration(), StopAsyncIteration()]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        *((kind, error) for kind in ("sync", "async", "observable") for error in ERRORS),
        ("sync", SystemExit()),  # in a coroutine it ends the loop, as everywhere in asyncio
    ],
)
async def test_what_a_factory_raises_is_the_cause_of_a_typed_error(kind: str, error: BaseException):
    def sync() -> str:
        raise error

    async def later() -> str:
        raise error

    factories: dict[str, Callable[[], Any]] = {
        "sync": sync,
        "async": later,
        "observable": lambda: rx.throw(error),  # type: ignore[arg-type]
    }
    raised = await error_of(factories[kind])
    assert isinstance(raised, TokenFactoryError)
    assert is_retryable(raised)
    assert raised.__cause__ is not None
    assert "secret" not in str(raised)


async def test_an_error_of_ours_stays_itself():
    def factory() -> str:
        raise NotAuthorized(401)

    assert isinstance(await error_of(factory), NotAuthorized)


async def test_a_factory_that_cancels_itself_is_an_error_and_no_silence():
    async def factory() -> str:
        raise asyncio.CancelledError

    assert isinstance(await error_of(factory), TokenFactoryError)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        " ",
        "two words",
        "ключ",
        "line\nbreak",
        b"bytes",
        7,
        True,
        [],
        [KEY],
        {},
        {"key": None},
        {"key": ""},
        {"key": 7},
        {"token": KEY},
        {"key": KEY, "topics": "status"},
        {"key": KEY, "topics": [1]},
        {"key": KEY, "channel": 7},
        {"key": KEY, "apiBaseUrl": 7},
        object(),
        ValueError("returned, not raised"),
        lambda: KEY,
    ],
    ids=lambda given: type(given).__name__,
)
async def test_nonsense_is_a_token_error_that_shows_none_of_it(answer: Any):
    raised = await error_of(lambda: answer)
    assert isinstance(raised, TokenError)
    assert not is_retryable(raised)
    assert KEY not in str(raised)


async def test_an_observable_without_a_value_is_an_error_and_no_silence():
    assert isinstance(await error_of(rx.empty), TokenFactoryError)


async def test_no_token_at_all_is_a_token_error():
    assert "token=" in str(await error_of(None))


# ── factories that take their time ────────────────────────────────────────────────────────────


async def test_a_coroutine_that_hangs_is_cancelled_after_its_time():
    cancelled = asyncio.Event()

    async def factory() -> str:
        try:
            await asyncio.Event().wait()
            return KEY
        finally:
            cancelled.set()

    raised = await error_of(factory, timeout=0.01)
    assert isinstance(raised, TokenFactoryError)
    assert str(raised) == "the token factory took longer than 0.01 s"
    await cancelled.wait()


async def test_a_function_that_hangs_is_given_up_and_its_late_answer_forgotten():
    go_on, done = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def factory() -> str:
        go_on.wait(5)
        loop.call_soon_threadsafe(done.set)
        return KEY

    assert isinstance(await error_of(factory, timeout=0.01), TokenFactoryError)
    go_on.set()
    await done.wait()


def test_a_function_that_hangs_does_not_keep_its_loop_from_ending():
    go_on = threading.Event()

    async def main() -> None:
        await error_of(lambda: go_on.wait(20), timeout=0.01)

    asyncio.run(main())  # with a thread of the loop's own this would wait for it
    go_on.set()


def test_ten_seconds_are_what_a_factory_has():
    clock = VirtualTimeScheduler()
    seen = list[Any]()
    tokens(lambda: rx.never()).subscribe(seen.append, seen.append, scheduler=clock)  # noqa: PLW0108
    clock.advance_by(9.9)
    assert seen == []
    clock.advance_by(0.2)
    assert [str(each) for each in seen] == ["the token factory took longer than 10 s"]


async def test_leaving_cancels_a_factory():
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def factory() -> str:
        began.set()
        try:
            await asyncio.Event().wait()
            return KEY
        finally:
            cancelled.set()

    subscription = Feed(tokens(factory)).subscribe()
    await began.wait()
    subscription.dispose()
    await cancelled.wait()


async def test_a_slow_old_factory_does_not_disturb_the_new_one(server: DevServer):
    """The token of a target that is no longer wanted is not used, however late it comes."""
    old, asked = asyncio.Event(), asyncio.Event()

    async def slow() -> SubscriptionToken:
        asked.set()
        await old.wait()
        return server.inngest.subscription_token("old", ["t"])

    def quick() -> SubscriptionToken:
        return server.inngest.subscription_token("new", ["t"])

    channel = rx.subject.BehaviorSubject[Any]("old")
    token = rx.subject.BehaviorSubject[Any](slow)
    rt = rxr.inngest.realtime(channel, ["t"], token=token, api_base_url=server.url)
    async with rt:
        await asked.wait()
        token.on_next(quick)
        channel.on_next("new")
        await server.inngest.until_connections(1)
        old.set()
        async for status in rt.connection_status:
            if status == "open":
                break
        [subscriber] = server.inngest.hub.subscribers
        assert {address[1] for address in subscriber.topics} == {"new"}
    await server.inngest.until_connections(0)
