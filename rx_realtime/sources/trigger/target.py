"""What is followed, and how."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from msgspec import Struct
from reactivex import Observable

from ...models import Update
from ...wire.shape import ShapeWire
from ...wire.trigger import Account
from ..token import Token, tokens
from .account import account_of
from .connection import Carrier, Retries, answers_of
from .packets import fetching, unpacked

__all__ = ["Following", "Selection"]

#: Makes the feed of some runs: given an account and something that no other feed has.
Selection = Callable[[Account, str], ShapeWire]


class Following(Struct, frozen=True):
    """How runs are followed."""

    api_base_url: str | None
    carrier: Carrier
    retries: Retries

    def check(self, selection: Selection) -> None:
        """Say at once what is wrong with a selection, and not when somebody subscribes.

        Raises:
            OptionError: if an argument cannot be used.
        """
        selection(Account("https://nowhere.invalid"), "")

    def updates(self, selection: Selection, token: Token | None) -> Observable[Update]:
        """Follow the selected runs, for one subscriber, who may leave and come back.

        Raises:
            OptionError: if the environment says what cannot be used.
        """
        account = account_of(self.api_base_url)
        given = tokens(account.key if token is None else token)
        wire = selection(account, uuid.uuid4().hex[:12])
        answers = answers_of(wire, given, carrier=self.carrier, retries=self.retries)
        return answers.pipe(unpacked(fetching(account, given, self.carrier.settings)))
