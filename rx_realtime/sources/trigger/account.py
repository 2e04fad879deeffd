"""The account that a call uses: the environment, and what the call says."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, TypeVar

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from tenacity import wait_exponential
from tenacity.stop import stop_after_attempt

from ...errors import OptionError
from ...operators import reconnect
from ...transports import Settings, exchange
from ...wire import Request, Response
from ...wire.trigger import Account
from ..feed import Feed

__all__ = ["account_of", "asked", "retried"]

T = TypeVar("T")

#: As often the vendor's SDK sends a request in all, and as long it waits in between.
ATTEMPTS: Final = 5
WAITS: Final = wait_exponential(multiplier=1.0, exp_base=1.6, max=30.0)


def account_of(api_base_url: str | None) -> Account:
    """Read the environment now."""
    return Account.of(os.environ, api_base_url)


def retried(answers: Observable[T]) -> Observable[T]:
    """Send again what may succeed later, as the vendor's SDK does: it is the same request."""
    return answers.pipe(reconnect(WAITS, stop=stop_after_attempt(ATTEMPTS)))


def asked(
    api_base_url: str | None,
    settings: Settings,
    request: Callable[[Account], Request],
    decode: Callable[[Response], T],
) -> Feed[T]:
    """Send a request with the account's key, again where that may help, and read the answer.

    Errors:
        OptionError: there is no key.
        PayloadError: what is to be sent cannot be. Nothing was sent.
        NotAuthorized, Forbidden, NotFound, Refused, ConnectFailed, ConnectionLost, Stalled,
        WireError.
    """

    def once(_: object) -> Observable[T]:
        account = account_of(api_base_url)
        if account.key is None:
            return rx.throw(OptionError("set TRIGGER_SECRET_KEY"))
        sent = request(account)  # once: each attempt is the same request
        return retried(exchange(sent, settings).pipe(ops.map(decode)))

    return Feed(rx.defer(once))
