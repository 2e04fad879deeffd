"""Trigger.dev's HTTP API: what the answers mean."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, SecretStr, TypeAdapter

from ...models.run import Run
from ..base import Response
from ..decoding import decode
from .rows import decode_run

__all__ = [
    "Accepted",
    "BatchAccepted",
    "Sealed",
    "decode_accepted",
    "decode_batch",
    "decode_env",
    "decode_metadata",
    "decode_presigned",
    "decode_retrieved",
    "decode_sealed",
    "decode_token",
]


class Accepted(BaseModel):
    """A run that was triggered, or that the same idempotency key had triggered before."""

    id: str
    isCached: bool = False  # noqa: N815  (the wire's name)


class BatchAccepted(BaseModel):
    """A batch that awaits its items."""

    id: str
    runCount: int = 0  # noqa: N815
    isCached: bool = False  # noqa: N815


class Sealed(BaseModel):
    """What became of a batch's items."""

    sealed: bool = False
    itemsAccepted: int = 0  # noqa: N815
    itemsDeduplicated: int = 0  # noqa: N815


class _Env(BaseModel):
    sub: str


class _Token(BaseModel):
    token: str


class _Presigned(BaseModel):
    presignedUrl: str  # noqa: N815


class _Metadata(BaseModel):
    metadata: Any = None


_ACCEPTED = TypeAdapter(Accepted)
_BATCH = TypeAdapter(BatchAccepted)
_SEALED = TypeAdapter(Sealed)
_ENV = TypeAdapter(_Env)
_TOKEN = TypeAdapter(_Token)
_PRESIGNED = TypeAdapter(_Presigned)
_METADATA = TypeAdapter(_Metadata)
_VIEW: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def decode_accepted(response: Response) -> Accepted:
    """Read the answer to `trigger_request`."""
    return decode(_ACCEPTED, response, "a run")


def decode_batch(response: Response) -> BatchAccepted:
    """Read the answer to `batch_request`."""
    return decode(_BATCH, response, "a batch")


def decode_sealed(response: Response) -> Sealed:
    """Read the answer to `batch_items_request`."""
    return decode(_SEALED, response, "a batch")


def decode_retrieved(response: Response) -> Run:
    """Read the answer to `retrieve_request`."""
    view: dict[str, Any] = decode(_VIEW, response, "a run")
    return decode_run(view)


def decode_env(response: Response) -> str:
    """Return the environment's id in the answer to `claims_request`."""
    return decode(_ENV, response, "claims").sub


def decode_token(response: Response) -> SecretStr:
    """Return the token in the answer to `public_token_request`."""
    return SecretStr(decode(_TOKEN, response, "a token").token)


def decode_presigned(response: Response) -> str:
    """Return the URL in the answer to `packet_request`."""
    return decode(_PRESIGNED, response, "an address").presignedUrl


def decode_metadata(response: Response) -> Any:
    """Return the metadata in the answer to `metadata_request`."""
    return decode(_METADATA, response, "metadata").metadata
