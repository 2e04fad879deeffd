"""Writing a stream: what to ask, and what the answers mean."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, TypeAdapter, ValidationError

from ...errors import OptionError, PayloadError, WireError
from ...models import Topic
from ..base import Request, Response
from ..refusals import check
from .address import Account, segment
from .api import body_of

__all__ = [
    "MAX_CHUNK",
    "MAX_INPUT",
    "Target",
    "create_request",
    "decode_created",
    "decode_probe",
    "encode_chunk",
    "ingest_request",
    "input_request",
    "probe_request",
]

#: Whose stream it is: the run's own, or that of the run that triggered it, or of the first of all.
Target: TypeAlias = Literal["self", "parent", "root"]
_TARGETS: Final = ("self", "parent", "root")

#: Bytes of one chunk, and of one message to an input stream.
MAX_CHUNK: Final = 1024 * 1024 - 1024
MAX_INPUT: Final = 1024 * 1024


class _Created(BaseModel):
    version: str = "v1"


_CREATED: Final = TypeAdapter(_Created)


def create_request(account: Account, run_id: str, target: Target, key: str) -> Request:
    """Ask for a stream; it is no harm if it is there.

    Raises:
        OptionError: if an argument cannot be used.
    """
    headers = account.headers()
    return Request(_url(account, run_id, target, key), "PUT", headers, b"", account.key)


def ingest_request(
    account: Account, run_id: str, target: Target, key: str, *, client_id: str, first: int
) -> Request:
    """Send chunks, one JSON value on each line.

    Args:
        account: where.
        run_id: which run.
        target: whose stream.
        key: its name.
        client_id: who writes: each writer counts its own chunks.
        first: the number of the first chunk that follows.
    """
    headers = {
        **_writer(account, client_id),
        "content-type": "application/json",
        "x-resume-from-chunk": str(first),
        "x-stream-version": "v1",
    }
    return Request(_url(account, run_id, target, key), "POST", headers, token=account.key)


def probe_request(
    account: Account, run_id: str, target: Target, key: str, *, client_id: str
) -> Request:
    """Ask which chunk of this writer is the last that is stored."""
    headers = _writer(account, client_id)
    return Request(_url(account, run_id, target, key), "HEAD", headers, token=account.key)


def input_request(account: Account, run_id: str, key: str, data: Any) -> Request:
    """Send a message to a run that waits for one.

    Raises:
        PayloadError: if it cannot be said, or is too large.
    """
    path = f"{_base(run_id)}/input/{segment(key, 'the name of the stream')}"
    body = body_of({"data": data})
    if len(body) > MAX_INPUT:
        raise PayloadError(f"a message is at most {MAX_INPUT} bytes")
    headers = {**account.headers(), "content-type": "application/json"}
    return Request(account.url(path), "POST", headers, body, account.key)


def encode_chunk(topic: Topic[Any], data: Any) -> bytes:
    """Return a chunk as a line.

    Raises:
        PayloadError: if it does not fit the stream's type, cannot be said, or is too large.
    """
    try:
        line = topic.encode(data)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the chunk cannot be said in JSON: {error}") from None
    if len(line) > MAX_CHUNK:
        raise PayloadError(f"a chunk is at most {MAX_CHUNK} bytes, not {len(line)}")
    return line + b"\n"


def decode_created(response: Response) -> str:
    """Return which version of streams the server keeps, in the answer to `create_request`.

    Raises:
        Refused: if it does not, for example because the run is over.
        WireError: if the answer makes no sense.
    """
    check(response)
    if any(name.lower() == "x-s2-access-token" for name in response.headers):
        return "v2"
    try:
        return _CREATED.validate_json(response.body).version
    except ValidationError:
        kind = response.headers.get("content-type", "no content type")
        raise WireError(f"instead of a stream, the server answered with {kind:.80}") from None


def decode_probe(response: Response) -> int:
    """Return the number of the last chunk that is stored, -1 for none."""
    check(response)
    text = response.headers.get("x-last-chunk-index", "")
    return int(text) if text.isdecimal() and len(text) < 19 else -1


def _writer(account: Account, client_id: str) -> dict[str, str]:
    return {**account.headers(), "x-client-id": client_id}


def _base(run_id: str) -> str:
    return f"/realtime/v1/streams/{segment(run_id, 'the run id')}"


def _url(account: Account, run_id: str, target: Target, key: str) -> str:
    if target not in _TARGETS:
        raise OptionError(f"a target is one of {_TARGETS}, not {target!r:.80}")
    return account.url(f"{_base(run_id)}/{target}/{segment(key, 'the name of the stream')}")
