"""What stands in a realtime token, and which topic a topic is.

Signing is not done here: that needs a secret and a clock. https://www.rfc-editor.org/rfc/rfc7519
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, TypeAdapter, ValidationError

from .envelope import TopicKey, encode_topic
from .ulid import is_ulid

__all__ = [
    "DEV_ACCOUNT",
    "DEV_ENV",
    "DEV_SECRET",
    "ISSUER",
    "TOKEN_LIFETIME",
    "Claims",
    "TopicAddress",
    "address_of",
    "decode_claims",
    "decode_topics",
    "encode_claims",
]

#: The dev server's only account, environment and signing secret, in every installation.
DEV_ACCOUNT: Final = "00000000-0000-4000-a000-000000000000"
DEV_ENV: Final = "00000000-0000-4000-b000-000000000000"
DEV_SECRET: Final = "dev-mode-is-not-secret"

ISSUER: Final = "rt.inngest.com"
#: Seconds.
TOKEN_LIFETIME: Final = 60

#: What tells one topic from another: environment, channel (None for account-wide kinds), name.
TopicAddress = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token allows: to listen to topics, or to publish on any."""

    env: str
    topics: tuple[TopicKey, ...] | None = None
    publish: bool = False


def encode_claims(claims: Claims, *, issued_at: int, expires_at: int, token_id: str) -> Any:
    """Return the claims as the real server writes them. Times are seconds since 1970."""
    topics = claims.topics
    return {
        "iss": ISSUER,
        "sub": DEV_ACCOUNT,
        "exp": expires_at,
        "iat": issued_at,
        "jti": token_id,
        "env": claims.env,
        "topics": None if topics is None else [encode_topic(topic) for topic in topics],
        "publish": claims.publish,
    }


def _with_a_ulid(topic: TopicKey) -> TopicKey:
    if topic.run_id is not None and not is_ulid(topic.run_id):
        raise ValueError("run_id is no ULID")
    return topic


_CLAIMS = TypeAdapter(Claims)
_TOPICS = TypeAdapter(list[dict[str, Any]] | None)
_TOPIC = TypeAdapter(Annotated[TopicKey, AfterValidator(_with_a_ulid)])


def decode_claims(claims: Mapping[str, Any]) -> Claims | None:
    """Read the claims of a token whose signature is good; None if they are not ours."""
    try:
        return _CLAIMS.validate_python(claims)
    except ValidationError:
        return None


def decode_topics(body: bytes, env: str) -> tuple[TopicKey, ...] | None:
    """Read the topics that somebody wants a token for; `env` is theirs, whatever they say.

    Returns:
        The topics, or None for `null`, of which the real server makes a token all the same.

    Raises:
        pydantic.ValidationError: if it is no list of topics.
    """
    wanted = _TOPICS.validate_json(body)
    if wanted is None:
        return None
    # A topic without a kind opens nothing, here as there: better found out on a dev server.
    return tuple(_TOPIC.validate_python({"kind": ""} | topic | {"env_id": env}) for topic in wanted)


def address_of(topic: TopicKey, env: str) -> TopicAddress:
    """Return what tells this topic from others; `env` is meant where it names none."""
    return (topic.env_id or env, topic.channel if topic.kind == "run" else None, topic.name)
