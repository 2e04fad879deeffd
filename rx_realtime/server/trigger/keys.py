"""Keys and tokens: who is calling, and what they may do.

Only HS256 and only our own key: an algorithm or a key that a token names is never looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, cast

import jwt
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from ...errors import OptionError
from ...wire.trigger.claims import (
    AUDIENCE,
    ISSUER,
    TOKEN_LIFETIME,
    PublicClaims,
    decode_claims,
    encode_claims,
)
from ...wire.trigger.scopes import Scope, allows
from .ids import DEV_ENVIRONMENT

__all__ = ["DEV_SECRET_KEY", "Caller", "Keys"]

#: Opens every dev server that was given no other key. On loopback it keeps no secret.
DEV_SECRET_KEY: Final = "tr_dev_is_not_secret"

# Its signatures name key types of `cryptography`, which HS256 does not need.
_jwt = cast(Any, jwt)

_BEARER: Final = "Bearer "
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. A secret key may do everything.

    Attributes:
        claims: what a public access token allows; None for a secret key.
        digest: tells one token from another, and reveals none.
    """

    claims: PublicClaims | None = None
    digest: bytes = b""

    def may(self, *needed: Scope) -> bool:
        """Whether one of these suffices."""
        return self.claims is None or any(allows(self.claims.scopes, each) for each in needed)


class Keys:
    """Mints and checks public access tokens, and checks secret keys.

    Args:
        secret_key: the environment's root key, which signs all tokens.
        additional_keys: further secret keys, which cannot sign.
    """

    def __init__(
        self, secret_key: SecretStr | None = None, additional_keys: Collection[SecretStr] = ()
    ) -> None:
        root = DEV_SECRET_KEY if secret_key is None else secret_key.get_secret_value()
        if not root.strip():
            raise OptionError("the secret key is empty")
        # HMAC fills short keys with zeros itself. Doing it here changes no signature; it only
        # spares those who choose a short key a warning per token.
        self._signer = root.encode().ljust(32, b"\0")
        self.secret_key = SecretStr(root)
        more = [key.get_secret_value().encode() for key in additional_keys]
        self._accepted = [root.encode(), *more]
        self._shown = OrderedDict[bytes, None]()
        self._spent = OrderedDict[bytes, None]()
        self._expired = frozenset[bytes]()

    def mint(self, claims: PublicClaims, *, expires_at: int | None = None) -> str:
        """Return a signed token; by default it lasts for 15 minutes."""
        issued_at = int(time.time())
        until = issued_at + TOKEN_LIFETIME if expires_at is None else expires_at
        payload = encode_claims(claims, issued_at=issued_at, expires_at=until)
        # The vendor's SDK names no type in the header, and neither do we.
        return str(_jwt.encode(payload, self._signer, algorithm="HS256", headers={"typ": None}))

    def caller(self, connection: HTTPConnection, *, tokens: bool = True) -> Caller | str:
        """Say who calls, or in the vendor's words why nobody knows.

        Args:
            tokens: whether a public access token is accepted.
        """
        shown = connection.headers.get("authorization", "").removeprefix(_BEARER).strip()
        if not shown:
            return "Invalid or Missing API key"
        if tokens and (peeked := _peek(shown)).get("pub") is True:
            if peeked.get("sub") != DEV_ENVIRONMENT:
                return "Invalid Public Access Token"
            return self._holder(shown) or "Public Access Token is invalid"
        # No `any`: it would tell by the time it takes which of the keys was close.
        matches = [hmac.compare_digest(shown.encode(), key) for key in self._accepted]
        return Caller() if True in matches else "Invalid API key"

    def spend(self, caller: Caller) -> bool:
        """Use a token to trigger; False if it was good for one time only, and that was before."""
        if caller.claims is None or not caller.claims.one_time:
            return True
        if caller.digest in self._spent:
            return False
        _remember(self._spent, caller.digest)
        return True

    def expire_shown(self) -> None:
        """Let every token that anybody has shown so far be expired."""
        self._expired |= self._shown.keys()

    def _holder(self, token: str) -> Caller | None:
        digest = hashlib.sha256(token.encode()).digest()
        _remember(self._shown, digest)
        if digest in self._expired:
            return None
        try:
            payload = _jwt.decode(
                token,
                self._signer,
                algorithms=["HS256"],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"verify_iat": False},  # nor does the vendor look at it
            )
        except jwt.InvalidTokenError:
            return None
        claims = decode_claims(payload)
        return None if claims is None else Caller(claims, digest)


def _peek(token: str) -> dict[str, Any]:
    """Return what a token claims to be, whoever signed it; nothing if it is no token."""
    try:
        claimed: Any = _jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError):
        return {}
    return cast(dict[str, Any], claimed)


def _remember(digests: OrderedDict[bytes, None], digest: bytes) -> None:
    digests[digest] = None
    if len(digests) > _REMEMBERED:
        digests.popitem(last=False)
