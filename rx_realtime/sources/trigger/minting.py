"""Tokens: what a browser needs, made by who holds the secret key."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeAlias, cast

import reactivex as rx
from pydantic import SecretStr
from reactivex import Observable
from reactivex import operators as ops

from ...errors import OptionError
from ...models import SubscriptionToken
from ...transports import Settings
from ...wire.trigger import Account
from ...wire.trigger.api import claims_request, public_token_request
from ...wire.trigger.claims import MAX_LIFETIME, TOKEN_LIFETIME, PublicClaims, encode_claims
from ...wire.trigger.decode_answers import decode_env, decode_token
from ...wire.trigger.scopes import scope
from ..feed import Feed
from ..options import Duration, as_seconds
from .account import account_of, asked

__all__ = ["create_public_token", "create_trigger_public_token", "sign", "signs"]

#: True is every thing of a kind; else the ids of those that are meant.
Things: TypeAlias = bool | str | Iterable[str]

#: A key that cannot sign: further keys of an environment, of which the server knows only a hash.
_ADDITIONAL: Final = re.compile(r"tr_(dev|stg|prod|preview)_sk_[0-9A-Za-z]{24}")

_SETTINGS = Settings()


def create_public_token(
    *,
    read: Mapping[str, Things] | None = None,
    write: Mapping[str, Things] | None = None,
    trigger: Mapping[str, Things] | None = None,
    batch_trigger: Mapping[str, Things] | None = None,
    scopes: Iterable[str] = (),
    lifetime: Duration = TOKEN_LIFETIME,
    skip_columns: Iterable[str] | None = None,
    one_time: bool = False,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[SubscriptionToken]:
    """Mint a public access token: what a browser may be given.

        await create_public_token(read={"runs": run_id, "tags": ["user:1"]})

    It is signed here, with the account's secret key; where that cannot sign, by the server.

    Args:
        read: what may be read, by kind: `runs`, `tags`, `tasks`, `batch`; True is all of a kind.
        write: as `read`, for `inputStreams`, `waitpoints`, `runs`.
        trigger: as `read`, for `tasks`.
        batch_trigger: as `read`, for `tasks`.
        scopes: `action:type[:id]` each, for anything else.
        lifetime: seconds, or a timedelta; 15 minutes by default, 30 days at most.
        skip_columns: columns that its holder is never shown, in the wire's spelling.
        one_time: it triggers once.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        settings: times and limits.

    Raises:
        OptionError: if it would allow nothing, an id is blank, or it would last too long.

    Errors:
        NotAuthorized: the secret key is not accepted.
        Forbidden: it may do less than the token would.
        Refused, ConnectFailed, ConnectionLost, Stalled, WireError, OptionError.
    """
    actions = {"read": read, "write": write, "trigger": trigger, "batchTrigger": batch_trigger}
    wanted = [each for action, things in actions.items() for each in _scopes(action, things or {})]
    wanted += scopes
    if not wanted:
        raise OptionError("a token that allows nothing opens nothing: say what may be read")
    seconds = int(as_seconds(lifetime))
    if not 0 < seconds <= MAX_LIFETIME:
        raise OptionError(f"a token lasts 1 s to {timedelta(seconds=MAX_LIFETIME)}, not {lifetime}")
    skipped = None if skip_columns is None else tuple(skip_columns)

    def once(_: object) -> Observable[SubscriptionToken]:
        account = account_of(api_base_url)
        if not signs(account.key):
            return by_the_server()

        def token(env: str) -> SubscriptionToken:
            claims = PublicClaims(
                env=env, scopes=tuple(wanted), skip_columns=skipped, one_time=one_time
            )
            return SubscriptionToken(sign(account, claims, seconds), api_base_url=account.api_url)

        return asked(api_base_url, settings, claims_request, decode_env).pipe(ops.map(token))

    def by_the_server() -> Observable[SubscriptionToken]:
        said: dict[str, Any] = {"scopes": wanted, "expirationTime": f"{seconds}s"}
        if one_time:
            said["oneTimeUse"] = True
        if skipped is not None:
            said["realtime"] = {"skipColumns": list(skipped)}

        def request(account: Account) -> Any:
            return public_token_request(account, said)

        minted = asked(api_base_url, settings, request, decode_token)
        return minted.pipe(ops.map(SubscriptionToken))

    return Feed(rx.defer(once))


def create_trigger_public_token(
    tasks: str | Iterable[str],
    *,
    multiple_use: bool = False,
    lifetime: Duration = TOKEN_LIFETIME,
    skip_columns: Iterable[str] | None = None,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[SubscriptionToken]:
    """Mint a token with which tasks can be triggered: once, unless `multiple_use`.

    Arguments and errors as for `create_public_token`.
    """
    return create_public_token(
        trigger={"tasks": tasks},
        one_time=not multiple_use,
        lifetime=lifetime,
        skip_columns=skip_columns,
        api_base_url=api_base_url,
        settings=settings,
    )


def signs(key: SecretStr | None) -> bool:
    """Whether tokens can be signed with a key: it is a secret one, and the environment's first."""
    text = "" if key is None else key.get_secret_value()
    return text.startswith("tr_") and not _ADDITIONAL.fullmatch(text)


def sign(account: Account, claims: PublicClaims, lifetime: int) -> SecretStr:
    """Sign claims with the account's key, for so many seconds from now."""
    import jwt  # noqa: PLC0415  # loads all of `cryptography`, where that is installed

    assert account.key is not None
    now = int(time.time())
    said = encode_claims(claims, issued_at=now, expires_at=now + lifetime)
    # HMAC fills short keys with zeros. Doing it here changes no signature, and spares a warning.
    key = account.key.get_secret_value().encode().ljust(32, b"\0")
    # The vendor's SDK names no type in the header, and neither do we.
    # Its signature names key types of `cryptography`, which HS256 does not need.
    encode = cast(Any, jwt).encode
    return SecretStr(str(encode(said, key, algorithm="HS256", headers={"typ": None})))


def _scopes(action: str, things: Mapping[str, Things]) -> Iterable[str]:
    for kind, which in things.items():
        if which is True:
            yield scope(action, kind)
        elif which is not False:
            ids = [which] if isinstance(which, str) else list(which)
            if not all(each.strip() for each in ids):
                raise OptionError(f"an id of {action}:{kind} is blank: it would open all of them")
            yield from (scope(action, kind, each) for each in ids)
