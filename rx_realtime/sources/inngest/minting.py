"""Tokens: what a subscriber needs, made by who holds the signing key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import reactivex as rx
from pydantic import SecretStr
from reactivex import Observable
from reactivex import operators as ops

from ...models import Channel, SubscriptionToken, Topic, channel_name, topic_map, topic_name
from ...transports import Settings
from ...wire import Request, Response
from ...wire.inngest.api import token_request
from ...wire.inngest.decode_answers import decode_token
from ..feed import Feed
from .account import account_of, asked

__all__ = ["client_subscription_token", "subscription_token", "topics_of"]


def subscription_token(
    channel: Channel | str,
    topics: Iterable[Topic[Any] | str] | None = None,
    *,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[SubscriptionToken]:
    """Mint a token that opens some topics of a channel for the next 60 seconds.

    Args:
        channel: a channel, or its name.
        topics: its topics; by default all that a typed channel has.
        api_base_url: the server; by default what the `INNGEST_*` variables say.
        settings: times and limits.

    Errors:
        NotAuthorized: the signing key is not accepted.
        Refused, ConnectFailed, ConnectionLost, WireError, OptionError.
    """
    name, names = channel_name(channel), tuple(topics_of(channel, topics))

    def once(_: object) -> Observable[SubscriptionToken]:
        account = account_of(api_base_url)

        def request(key: SecretStr | None) -> Request:
            return token_request(account, name, names, key)

        def token(answer: Response) -> SubscriptionToken:
            return SubscriptionToken(decode_token(answer), name, names, account.api_url)

        return asked(account, settings, request, token)

    return Feed(rx.defer(once))


def client_subscription_token(
    channel: Channel | str,
    topics: Iterable[Topic[Any] | str] | None = None,
    *,
    api_base_url: str | None = None,
    settings: Settings = Settings(),  # noqa: B008  (frozen)
) -> Feed[dict[str, str]]:
    """Mint a token for a browser: `{"key": …, "apiBaseUrl": …}`, ready for JSON.

    Arguments and errors as for `subscription_token`.
    """
    minted = subscription_token(channel, topics, api_base_url=api_base_url, settings=settings)
    return Feed(minted.pipe(ops.map(SubscriptionToken.for_client)))


def topics_of(
    channel: Channel | str | None, topics: Iterable[Topic[Any] | str] | None
) -> Mapping[str, Topic[Any] | None]:
    """Return topics by name, each with what types it: itself, or the channel's own of that name."""
    own = channel.topics() if isinstance(channel, Channel) else {}
    if topics is None:
        return own
    given = list(topics)
    typed = topic_map(topic for topic in given if isinstance(topic, Topic))
    return {name: typed.get(name, own.get(name)) for name in map(topic_name, given)}
