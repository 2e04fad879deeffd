"""What lets you listen: a subscription token, in every form an application may hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import SecretStr

from ..errors import TokenError

__all__ = ["SubscriptionToken"]


@dataclass(frozen=True, slots=True)
class SubscriptionToken:
    """A key, and what it opens where that is known.

    Attributes:
        key: the signed token itself; it shows as stars wherever it is printed.
        channel: the channel it opens, where it says so.
        topics: the topics it opens, where it says so.
        api_base_url: the server that minted it, where it says so.
    """

    key: SecretStr
    channel: str | None = None
    topics: tuple[str, ...] | None = None
    api_base_url: str | None = None

    @classmethod
    def parse(cls, given: object) -> SubscriptionToken:
        """Read a token from any of its forms.

        Args:
            given: a `SubscriptionToken`, a plain key, `{"key": …, "apiBaseUrl": …}` (or
                `api_base_url`), or the full form that also has `channel` and `topics`.

        Raises:
            TokenError: if it is none of these. The message shows types, never values.
        """
        match given:
            case SubscriptionToken(key=key):
                _key(key)
                return given
            case SecretStr():
                return cls(_key(given.get_secret_value()))
            case str():
                return cls(_key(given))
            case Mapping():
                fields = cast(Mapping[str, Any], given)
                return cls(
                    key=_key(fields.get("key")),
                    channel=_channel(fields.get("channel")),
                    topics=_topics(fields.get("topics")),
                    api_base_url=_url(fields.get("apiBaseUrl", fields.get("api_base_url"))),
                )
            case _:
                raise TokenError(
                    f"a token is a string, a mapping with a 'key', or a SubscriptionToken, "
                    f"not {type(given).__name__}"
                )

    def completed(self, channel: str | None, topics: Iterable[str]) -> SubscriptionToken:
        """Return the token with a channel and topics of its own.

        A token that names both keeps them; any other takes both from the arguments. No topics are
        not named: such a token opens a connection on which nothing ever comes.

        Raises:
            TokenError: if neither says what to subscribe to.
        """
        if self.channel and self.topics:
            return self
        names = tuple(topics)
        if not channel or not names:
            raise TokenError(
                "the token names no channel and topics, and `channel` and `topics` were not given"
            )
        return replace(self, channel=channel, topics=names)

    def for_client(self) -> dict[str, str]:
        """Return what a browser may be given, as JSON-safe values. This reveals the key."""
        client = {"key": self.key.get_secret_value()}
        return client if self.api_base_url is None else client | {"apiBaseUrl": self.api_base_url}


def _key(given: object) -> SecretStr:
    if isinstance(given, SecretStr):
        given = given.get_secret_value()
    if not isinstance(given, str) or not given.strip():
        raise TokenError(f"a token needs a key: a non-empty string, not {_kind(given)}")
    if not given.isascii() or not given.isprintable() or " " in given:
        raise TokenError("the token's key has characters that no key has")
    return SecretStr(given)


def _channel(given: object) -> str | None:
    if isinstance(given, Mapping):  # a channel object that went through JSON
        given = cast(Mapping[str, object], given).get("name")
    if given is not None and not isinstance(given, str):
        raise TokenError(f"the token's channel is a string, not {_kind(given)}")
    return given


def _topics(given: object) -> tuple[str, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TokenError(f"the token's topics are a list of strings, not {_kind(given)}")
    names = tuple(cast(Iterable[object], given))
    if not all(isinstance(name, str) for name in names):
        raise TokenError("the token's topics are a list of strings")
    return cast(tuple[str, ...], names)


def _url(given: object) -> str | None:
    if given is not None and not isinstance(given, str):
        raise TokenError(f"the token's apiBaseUrl is a string, not {_kind(given)}")
    return given or None


def _kind(given: object) -> str:
    # Of strings, only empty ones come here.
    return "nothing" if given is None or isinstance(given, str) else type(given).__name__
