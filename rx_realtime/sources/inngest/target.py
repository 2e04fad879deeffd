"""What is listened to, and how."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from msgspec import Struct
from reactivex import Observable

from ...models import Absent, Channel, Topic, Update, channel_name
from ..token import Token, tokens
from .account import account_of, settings_of
from .connection import Carrier, Retries, updates_of
from .minting import subscription_token, topics_of

__all__ = ["Listening", "Target", "Topics"]

#: Topics or their names; None stands for all that a typed channel has.
Topics: TypeAlias = Iterable[Topic[Any] | str] | None


class Target:
    """A channel and its topics, and the token for them.

    Where one of these changes, a new connection begins; where it is not only the token, what was
    known is forgotten.
    """

    def __init__(
        self,
        channel: Channel | str | Absent | None,
        topics: Topics,
        token: Token | None,
        key: object = None,
    ) -> None:
        known = None if isinstance(channel, Absent) else channel
        self.is_none = channel is None
        self.name = None if known is None else channel_name(known)
        self.topics = topics_of(known, topics)
        self.token = token
        self._key = key

    @classmethod
    def of(cls, parts: tuple[Any, ...]) -> Target:
        """Make a target of what the options say now."""
        return cls(*parts)

    def identity(self) -> tuple[object, ...]:
        """What makes it this target; the order of its topics does not."""
        return (*self._subject(), self.token)

    def is_same(self, other: Target) -> bool:
        """Whether only the token is another: then what is known of the channel stays true."""
        return self._subject() == other._subject()

    def _subject(self) -> tuple[object, ...]:
        return self.is_none, self.name, frozenset(self.topics), self._key


class Listening(Struct, frozen=True):
    """How targets are listened to: the options that stay."""

    api_base_url: str | None
    validate: bool
    carrier: Carrier
    retries: Retries

    def updates(self, target: Target) -> Observable[Update]:
        """Listen to a target for as long as it is subscribed to."""
        account = account_of(self.api_base_url)
        carrier = self.carrier.settled(settings_of(self.carrier.settings, account))
        token = self._minter(target) if target.token is None else target.token
        return updates_of(
            target.name,
            target.topics,
            tokens(token),
            base_url=account.api_url,
            base_url_wins=self.api_base_url is not None,
            validate=self.validate,
            carrier=carrier,
            retries=self.retries,
        )

    def _minter(self, target: Target) -> Token | None:
        if target.name is None or not target.topics:
            return None
        name, topics, settings = target.name, tuple(target.topics), self.carrier.settings
        return lambda: subscription_token(
            name, topics, api_base_url=self.api_base_url, settings=settings
        )
