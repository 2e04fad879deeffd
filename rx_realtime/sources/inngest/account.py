"""The account that a call uses: the environment, and what the call says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from pydantic import SecretStr
from reactivex import Observable, throw
from reactivex import operators as ops

from ...errors import Forbidden, NotAuthorized, OptionError
from ...transports import Settings, exchange
from ...wire import Request, Response
from ...wire.inngest import Account
from ...wire.inngest.address import hash_signing_key
from ...wire.refusals import check

__all__ = ["account_of", "asked", "hashed", "settings_of"]

T = TypeVar("T")


def account_of(api_base_url: str | None) -> Account:
    """Read the environment now."""
    return Account.of(os.environ, api_base_url)


def settings_of(settings: Settings, account: Account) -> Settings:
    """Allow plain HTTP to a dev server on another machine, where the environment names it."""
    return _allowing(settings, account.dev_hosts) if account.dev_hosts else settings


@lru_cache(maxsize=32)  # thousands of connections have the same
def _allowing(settings: Settings, hosts: frozenset[str]) -> Settings:
    return replace(settings, insecure_hosts=settings.insecure_hosts | hosts)


def hashed(key: SecretStr | None) -> SecretStr | None:
    """Return the signing key as it may travel."""
    return None if key is None else hash_signing_key(key)


def asked(
    account: Account,
    settings: Settings,
    request: Callable[[SecretStr | None], Request],
    decode: Callable[[Response], T],
) -> Observable[T]:
    """Send a request with the account's signing key, and once more with its fallback.

    Errors:
        OptionError: there is neither a key nor a dev server.
        Refused, ConnectFailed, ConnectionLost, WireError.
    """
    keys = [key for key in (account.signing_key, account.signing_key_fallback) if key is not None]
    if not keys and not account.is_dev:
        return throw(OptionError("set INNGEST_SIGNING_KEY, or INNGEST_DEV=1 for a dev server"))

    def answer(key: SecretStr | None) -> Observable[T]:
        sent = request(hashed(key))
        return exchange(sent, settings_of(settings, account)).pipe(ops.map(checked))

    def checked(response: Response) -> T:
        check(response)
        return decode(response)

    def fallback(error: Exception, _: Observable[T]) -> Observable[T]:
        return answer(keys[1]) if isinstance(error, NotAuthorized | Forbidden) else throw(error)

    first = answer(keys[0] if keys else None)
    return first.pipe(ops.catch(fallback)) if len(keys) > 1 else first
