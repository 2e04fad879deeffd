"""Publishing: messages, text streams, and raw bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, TypeVar

import reactivex as rx
from pydantic import SecretStr
from reactivex import Observable

from ...errors import PayloadError
from ...models import Topic, TopicRef
from ...transports import Settings, exchange, from_task
from ...wire import Request, Response
from ...wire.inngest import Account
from ...wire.inngest.api import (
    MAX_CHUNK,
    MAX_CHUNKS,
    cut,
    publish_request,
    tee_request,
)
from ...wire.refusals import check
from ..feed import Feed
from ..pieces import Pieces, each_of
from .account import account_of, asked, hashed, settings_of

__all__ = ["publish", "publish_text", "tee"]

T = TypeVar("T")
P = TypeVar("P")

MAX_TEE: Final = 1_024_000


def publish(
    to: TopicRef[T] | tuple[str, str],
    data: T,
    *,
    run_id: str | None = None,
    metadata: Any = None,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[None]:
    """Publish one message: `await` it, `.run()` it, or put it into a pipe. Each time sends it.

    Text is sent as a JSON string, so that "123" arrives as text and not as a number.

    Args:
        to: a topic of a channel, `Pipeline(run_id="42").status`, or (channel, topic) by name.
        data: of the topic's type, or any JSON for a topic by name.
        run_id: the run it is published from.
        metadata: any JSON that is to travel with it.
        api_base_url: the server; by default what the `INNGEST_*` variables say.
        settings: times and limits.

    Errors:
        PayloadError: it does not fit the topic, or is over 512 KiB. Nothing was sent.
        Refused, ConnectFailed, ConnectionLost, OptionError.
    """
    address, topic = _address(to)

    def once(_: object) -> Observable[None]:
        account = account_of(api_base_url)
        body = _json(data) if topic is None else topic.encode(data)

        def request(key: SecretStr | None) -> Request:
            return publish_request(account, *address, body, key, run_id=run_id, metadata=metadata)

        return asked(account, settings, request, _nothing)

    return Feed(rx.defer(once))


def publish_text(
    to: TopicRef[Any] | tuple[str, str],
    text: Pieces[str],
    *,
    run_id: str | None = None,
    metadata: Any = None,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[None]:
    """Publish a text stream: subscribers see its beginning, its pieces as they come, and its end.

    Pieces over 1,024 bytes are cut, never inside a character. The server reads 1,000 pieces of
    one stream and discards the rest: a source that has more goes on as another stream.

    Args:
        to: as for `publish`.
        text: a text, or its pieces, which may be yet to come.
        run_id: as for `publish`.
        metadata: as for `publish`.
        api_base_url: as for `publish`.
        settings: as for `publish`.

    Errors:
        PayloadError: a whole text does not fit into one stream. Nothing was sent.
        Refused, ConnectFailed, ConnectionLost, OptionError.
    """
    address, _ = _address(to)

    async def run(deliver: Callable[[None], None]) -> None:
        if isinstance(text, str) and len(text.encode()) > MAX_CHUNK * MAX_CHUNKS:
            raise PayloadError(f"a text stream holds at most {MAX_CHUNK * MAX_CHUNKS} bytes")
        account = account_of(api_base_url)
        request = publish_request(
            account,
            *address,
            None,
            hashed(account.signing_key),
            content_type="text/stream",
            run_id=run_id,
            metadata=metadata,
        )
        source: AsyncIterator[str] = each_of(text)
        pieces = (part async for piece in source for part in cut(piece))
        following = await anext(pieces, None)

        async def segment() -> AsyncIterator[bytes]:
            nonlocal following
            for _ in range(MAX_CHUNKS):
                if following is None:
                    return
                yield following
                following = await anext(pieces, None)

        await _stream(account, settings, request, segment())
        while following is not None:
            await _stream(account, settings, request, segment())
        deliver(None)

    return Feed(from_task(run))


def tee(
    channel: str,
    source: Pieces[bytes],
    *,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[None]:
    """Forward bytes as they are, usually server-sent events, to a channel's `$stream` topic.

    Args:
        channel: the channel; a durable endpoint's is its run id.
        source: bytes, or their pieces; over 1,024,000 bytes the server takes no more.
        api_base_url: as for `publish`.
        settings: as for `publish`.

    Errors:
        PayloadError: that are too many bytes. What went before them has been sent.
        Refused, ConnectFailed, ConnectionLost, OptionError.
    """

    async def run(deliver: Callable[[None], None]) -> None:
        account = account_of(api_base_url)
        request = tee_request(account, channel, hashed(account.signing_key))
        await _stream(account, settings, request, _limited(each_of(source)))
        deliver(None)

    return Feed(from_task(run))


async def _stream(
    account: Account, settings: Settings, request: Request, body: AsyncIterator[bytes]
) -> None:
    check(await Feed(exchange(request, settings_of(settings, account), content=body)))


async def _limited(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    sent = 0
    async for piece in pieces:
        sent += len(piece)
        if sent > MAX_TEE:
            raise PayloadError(f"the server forwards at most {MAX_TEE} bytes")
        yield piece


def _address(to: TopicRef[T] | tuple[str, str]) -> tuple[tuple[str, str], Topic[T] | None]:
    if isinstance(to, TopicRef):
        return (to.channel, to.topic.name), to.topic
    return to, None


def _json(data: Any) -> bytes:
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise PayloadError(f"the payload cannot be said in JSON: {error}") from None


def _nothing(_: Response) -> None:
    return None
