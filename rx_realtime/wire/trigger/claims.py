"""What stands in a public access token.

Signing is not done here: that needs a secret and a clock. https://www.rfc-editor.org/rfc/rfc7519
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

__all__ = [
    "AUDIENCE",
    "ISSUER",
    "MAX_LIFETIME",
    "TOKEN_LIFETIME",
    "PublicClaims",
    "decode_claims",
    "encode_claims",
]

ISSUER: Final = "https://id.trigger.dev"
AUDIENCE: Final = "https://api.trigger.dev"
#: Seconds, where nobody says anything else.
TOKEN_LIFETIME: Final = 15 * 60
#: Seconds. The server mints none that last longer.
MAX_LIFETIME: Final = 30 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicClaims:
    """What a token allows.

    Attributes:
        env: the id of the environment whose key signed it.
        scopes: `action:type[:id]` each.
        skip_columns: columns that its holder is never shown; None leaves it to the request.
        one_time: it triggers once.
    """

    env: str
    scopes: tuple[str, ...] = ()
    skip_columns: tuple[str, ...] | None = None
    one_time: bool = False


class _Realtime(BaseModel):
    skipColumns: tuple[str, ...] | None = None  # noqa: N815 - the wire's name


class _Claims(BaseModel):
    sub: str
    scopes: tuple[str, ...] | None = None
    realtime: _Realtime | None = None
    otu: bool = False


def encode_claims(claims: PublicClaims, *, issued_at: int, expires_at: int) -> dict[str, Any]:
    """Return the claims as the vendor's SDK writes them. Times are seconds since 1970."""
    said: dict[str, Any] = {"sub": claims.env, "pub": True, "scopes": [*claims.scopes]}
    if claims.one_time:
        said["otu"] = True
    if claims.skip_columns is not None:
        said["realtime"] = {"skipColumns": [*claims.skip_columns]}
    return {**said, "iss": ISSUER, "aud": AUDIENCE, "exp": expires_at, "iat": issued_at}


def decode_claims(claims: Mapping[str, Any]) -> PublicClaims | None:
    """Read the claims of a token whose signature is good; None if it is no public one."""
    if claims.get("pub") is not True:
        return None
    try:
        said = _Claims.model_validate(claims)
    except ValidationError:
        return None
    return PublicClaims(
        env=said.sub,
        scopes=said.scopes or (),
        skip_columns=said.realtime.skipColumns if said.realtime else None,
        one_time=said.otu,
    )
