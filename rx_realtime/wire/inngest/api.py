"""Inngest's HTTP API: what to ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from ...errors import PayloadError
from ..base import Request
from .address import PUBLISH_PATH, TEE_PATH, TOKEN_PATH, Account, join
from .envelope import TopicKey, encode_topic

__all__ = [
    "MAX_CHUNK",
    "MAX_CHUNKS",
    "MAX_PAYLOAD",
    "cancel_request",
    "cut",
    "event_request",
    "publish_request",
    "run_request",
    "runs_request",
    "tee_request",
    "token_request",
]

#: The server cuts longer bodies off without a word.
MAX_PAYLOAD: Final = 512 * 1024
#: The server reads this much of a text stream at once, this many times; it discards the rest.
MAX_CHUNK: Final = 1024
MAX_CHUNKS: Final = 1000


def token_request(
    account: Account, channel: str, topics: Iterable[str], key: SecretStr | None
) -> Request:
    """Ask for a token that opens some topics of a channel. It lasts 60 s."""
    wanted = [encode_topic(TopicKey(channel, name)) for name in topics]
    return _post(account, TOKEN_PATH, json.dumps(wanted).encode(), key=key)


def publish_request(
    account: Account,
    channel: str,
    topic: str,
    body: bytes | None,
    key: SecretStr | None,
    *,
    content_type: str = "application/json",
    run_id: str | None = None,
    metadata: Any = None,
) -> Request:
    """Ask to publish `body`; None where the caller streams it.

    Raises:
        PayloadError: if it is larger than the server reads, which would cut it off, or if the
            metadata cannot be said in JSON: the server would answer 200 and drop the message.
    """
    if body is not None and len(body) > MAX_PAYLOAD:
        raise PayloadError(
            f"a payload of {len(body)} bytes is over the server's limit of {MAX_PAYLOAD}"
        )
    query = {"channel": channel, "topic": topic}
    if run_id is not None:
        query["run_id"] = run_id
    if metadata is not None:
        query["metadata"] = _json(metadata, "metadata")
    return _post(account, PUBLISH_PATH, body, key=key, query=query, content_type=content_type)


def tee_request(account: Account, channel: str, key: SecretStr | None) -> Request:
    """Ask to forward the bytes that the caller streams to the `$stream` topic of a channel."""
    return _post(account, TEE_PATH, None, key=key, query={"channel": channel})


def event_request(account: Account, events: Iterable[Mapping[str, Any]]) -> Request:
    """Ask to take in events, which start the functions that wait for them.

    Raises:
        PayloadError: if an event cannot be said in JSON.
    """
    given = account.event_key.get_secret_value() if account.event_key else "rx-realtime"
    key = quote(given, safe="")
    return Request(
        join(account.event_url, f"/e/{key}"),
        method="POST",
        headers={**account.headers(), "content-type": "application/json"},
        body=_json(list(events), "events").encode(),
        url_secret=SecretStr(key) if account.event_key else None,
    )


def runs_request(account: Account, event_id: str, key: SecretStr | None, *, nonce: str) -> Request:
    """Ask which runs an event started.

    Answers are cached for seconds, per URL: the `nonce` is anything that is new each time.
    """
    return _get(account, f"/v1/events/{quote(event_id, safe='')}/runs", key, nonce)


def run_request(account: Account, run_id: str, key: SecretStr | None, *, nonce: str) -> Request:
    """Ask how a run stands; `nonce` as in `runs_request`."""
    return _get(account, f"/v1/runs/{quote(run_id, safe='')}", key, nonce)


def cancel_request(account: Account, run_id: str, key: SecretStr | None) -> Request:
    """Ask to cancel a run."""
    url = join(account.api_url, f"/v1/runs/{quote(run_id, safe='')}")
    return Request(url, method="DELETE", headers=account.headers(), token=key)


def _json(value: Any, what: str) -> str:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise PayloadError(f"the {what} cannot be said in JSON: {error}") from None


def _get(account: Account, path: str, key: SecretStr | None, nonce: str) -> Request:
    url = f"{join(account.api_url, path)}?{urlencode({'_': nonce})}"
    return Request(url, headers=account.headers(), token=key)


def _post(
    account: Account,
    path: str,
    body: bytes | None,
    *,
    key: SecretStr | None,
    query: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Request:
    url = join(account.api_url, path) + (f"?{urlencode(query)}" if query else "")
    headers = {**account.headers(), "content-type": content_type}
    return Request(url, method="POST", headers=headers, body=body, token=key)


def cut(text: str, size: int = MAX_CHUNK) -> Iterator[bytes]:
    """Cut text into pieces of at most `size` bytes (4 or more), never inside a character."""
    assert size >= 4  # the longest character, or we would never get past it
    data = text.encode()
    start = 0
    while start < len(data):
        stop = min(start + size, len(data))
        while stop < len(data) and data[stop] & 0xC0 == 0x80:  # a continuation byte
            stop -= 1
        yield data[start:stop]
        start = stop
