"""Tokens and keys: who may listen, who may publish.

Only HS256 and only our own secret: an algorithm or a key that a token names is never looked at.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Any, cast

import jwt
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from ...wire.inngest.address import hash_signing_key
from ...wire.inngest.claims import (
    ISSUER,
    TOKEN_LIFETIME,
    Claims,
    decode_claims,
    encode_claims,
)
from ...wire.inngest.ulid import encode_ulid

__all__ = ["Keys", "new_ulid"]

# Its signatures name key types of `cryptography`, which HS256 does not need.
_jwt = cast(Any, jwt)

_SCHEME = len("Bearer ")
_PREFIX = re.compile(r"signkey-\w+-")


def new_ulid(at: datetime | None = None) -> str:
    """Return an id that nobody has yet, for this moment or another."""
    when = at or datetime.now(UTC)
    return encode_ulid(int(when.timestamp() * 1000), secrets.token_bytes(10))


class Keys:
    """Mints and checks tokens, and checks the signing key where the server asks for one.

    Args:
        secret: signs the tokens; random unless given.
        signing_key: what applications must show to mint tokens and to publish; None asks for
            nothing, as `inngest dev`.
        event_key: what applications must show to send events; None takes any, but where there is
            a signing key it takes none: who guards runs does not want strangers to start them.
    """

    def __init__(
        self,
        secret: SecretStr | None = None,
        signing_key: SecretStr | None = None,
        event_key: SecretStr | None = None,
    ) -> None:
        text = secrets.token_urlsafe(32) if secret is None else secret.get_secret_value()
        # HMAC fills short keys with zeros itself. Doing it here changes no signature; it only
        # spares those who choose the vendor's well-known dev secret a warning per token.
        self._secret = text.encode().ljust(32, b"\0")
        self._accepted = None if signing_key is None else _forms(signing_key)
        self._event_key = event_key

    def mint(self, claims: Claims, *, lifetime: int = TOKEN_LIFETIME) -> str:
        """Return a signed token that lasts for `lifetime` seconds."""
        now = int(time.time())
        payload = encode_claims(
            claims, issued_at=now, expires_at=now + lifetime, token_id=new_ulid()
        )
        return str(_jwt.encode(payload, self._secret, algorithm="HS256"))

    def read(self, token: str) -> Claims | None:
        """Return what a token allows; None if it is not ours, or no longer."""
        try:
            payload = _jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                issuer=ISSUER,
                options={"require": ["iss", "exp", "iat"], "verify_aud": False},
            )
        except jwt.InvalidTokenError:
            return None
        return decode_claims(payload)

    def claims_of(self, connection: HTTPConnection) -> Claims | None:
        """Return what the request's token allows.

        The token is what follows the scheme in the `Authorization` header, whatever the scheme is.
        One in the URL was moved there by the `Door`.
        """
        shown = connection.headers.get("authorization", "")[_SCHEME:]
        return self.read(shown) if shown else None

    def is_signed(self, connection: HTTPConnection) -> bool:
        """Whether the request shows the signing key, plain or hashed, or need not."""
        if self._accepted is None:
            return True
        shown = _bare(connection.headers.get("authorization", "")[_SCHEME:]).encode()
        # No `any`: it would tell by the time it takes which of the two forms was close.
        matches = [hmac.compare_digest(shown, accepted) for accepted in self._accepted]
        return True in matches

    def opens_events(self, key: str) -> bool:
        """Whether events may be sent with this key."""
        if self._event_key is None:
            return self._accepted is None
        return hmac.compare_digest(key.encode(), self._event_key.get_secret_value().encode())


def _forms(key: SecretStr) -> tuple[bytes, bytes]:
    plain, hashed = key.get_secret_value(), hash_signing_key(key).get_secret_value()
    return _bare(plain).encode(), _bare(hashed).encode()


def _bare(key: str) -> str:
    return _PREFIX.sub("", key, count=1) if _PREFIX.match(key) else key
