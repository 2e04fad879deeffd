"""Trigger.dev's HTTP API: what to ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import SecretStr

from ...errors import PayloadError
from ..base import Request
from .address import Account, segment
from .encode_packets import encode_packet

__all__ = [
    "MAX_BATCH",
    "MAX_CHANGE",
    "MAX_PAYLOAD",
    "batch_items_request",
    "batch_request",
    "body_of",
    "cancel_request",
    "claims_request",
    "metadata_request",
    "packet_request",
    "public_token_request",
    "retrieve_request",
    "stored_request",
    "tags_request",
    "trigger_request",
]

#: Bytes that one run may be triggered with, and that a change of its metadata may have.
MAX_PAYLOAD: Final = 3 * 1024 * 1024
MAX_CHANGE: Final = 2 * 1024 * 1024
#: Items of a batch.
MAX_BATCH: Final = 1000
# A run's streams are kept in the dialect that it was triggered with: the older one keeps less.
_NEWER_STREAMS: Final = {"x-trigger-realtime-streams-version": "v2"}


def trigger_request(
    account: Account, task: str, payload: Any, options: Mapping[str, Any], *, nonce: str
) -> Request:
    """Ask to trigger a task.

    Args:
        account: where.
        task: the task's id.
        payload: any JSON, or text; None is none.
        options: in the words of the wire.
        nonce: new for each call and the same for each attempt of it, so that an answer that was
            lost on the way triggers no second run.

    Raises:
        PayloadError: if it cannot be said, or is too large.
    """
    path = f"/api/v1/tasks/{segment(task, 'the task id')}/trigger"
    return _post(account, path, _run_item(payload, options), nonce=nonce)


def batch_request(
    account: Account, count: int, *, tasks: Iterable[str], options: Mapping[str, Any], nonce: str
) -> Request:
    """Ask for a batch of so many runs, whose items follow."""
    if not 1 <= count <= MAX_BATCH:
        raise PayloadError(f"a batch has 1 to {MAX_BATCH} items, not {count}")
    said = {"runCount": count, "taskIdentifiers": sorted(set(tasks)), **options}
    return _post(account, "/api/v3/batches", said, nonce=nonce)


def batch_items_request(
    account: Account, batch_id: str, items: Iterable[tuple[str, Any, Mapping[str, Any]]]
) -> Request:
    """Send a batch its items. To send them again is no harm: each has its number.

    Args:
        account: where.
        batch_id: the batch.
        items: (task, payload, options) each.

    Raises:
        PayloadError: if one cannot be said, or is too large.
    """
    lines = [
        _json({"index": index, "task": task, **_run_item(payload, options)}, "item")
        for index, (task, payload, options) in enumerate(items)
    ]
    path = f"/api/v3/batches/{segment(batch_id, 'the batch id')}/items"
    headers = {**account.headers(), **_NEWER_STREAMS, "content-type": "application/x-ndjson"}
    body = ("\n".join(lines) + "\n").encode()
    return Request(account.url(path), "POST", headers, body, account.key)


def retrieve_request(account: Account, run_id: str) -> Request:
    """Ask how a run stands."""
    return _get(account, f"/api/v3/runs/{segment(run_id, 'the run id')}")


def cancel_request(account: Account, run_id: str) -> Request:
    """Ask to cancel a run."""
    return _post(account, f"/api/v2/runs/{segment(run_id, 'the run id')}/cancel", {})


def tags_request(account: Account, run_id: str, tags: Iterable[str]) -> Request:
    """Ask to add tags to a run."""
    path = f"/api/v1/runs/{segment(run_id, 'the run id')}/tags"
    return _post(account, path, {"tags": list(tags)})


def metadata_request(account: Account, run_id: str, change: Mapping[str, Any]) -> Request:
    """Ask to change a run's metadata: `{"metadata": …}`, or `{"operations": [...]}`.

    Raises:
        PayloadError: if it cannot be said, or is too large.
    """
    path = f"/api/v1/runs/{segment(run_id, 'the run id')}/metadata"
    body = _json(change, "metadata").encode()
    if len(body) > MAX_CHANGE:
        raise PayloadError(f"a change of {len(body)} bytes is over the server's {MAX_CHANGE}")
    headers = {**account.headers(), "content-type": "application/json"}
    return Request(account.url(path), "PUT", headers, body, account.key)


def claims_request(account: Account) -> Request:
    """Ask for the claims that tokens of this environment begin with."""
    return _post(account, "/api/v1/auth/jwt/claims", {})


def public_token_request(account: Account, wanted: Mapping[str, Any]) -> Request:
    """Ask the server to mint a token: `{"scopes": […], "expirationTime": …, …}`."""
    return _post(account, "/api/v1/auth/public-tokens", wanted)


def packet_request(account: Account, run_id: str, field: str, key: SecretStr | None) -> Request:
    """Ask where a run's payload or output can be fetched."""
    path = f"/api/v1/runs/{segment(run_id, 'the run id')}/packets/{field}"
    return Request(account.url(path), headers=account.headers(), token=key)


def stored_request(account: Account, path: str, key: SecretStr | None) -> Request:
    """Ask the same of an older server, by the path in its store."""
    url = account.url(f"/api/v1/packets/{segment(path, 'the path')}")
    return Request(url, headers=account.headers(), token=key)


def _run_item(payload: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        packet = encode_packet(payload)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the payload cannot be said in JSON: {error}") from None
    if packet.data is not None and len(packet.data.encode()) > MAX_PAYLOAD:
        raise PayloadError(f"a payload is at most {MAX_PAYLOAD} bytes")
    said = {} if packet.data is None else {"payload": packet.data}
    return {**said, "options": {**options, "payloadType": packet.type}}


def _get(account: Account, path: str) -> Request:
    return Request(account.url(path), headers=account.headers(), token=account.key)


def _post(
    account: Account, path: str, said: Mapping[str, Any], *, nonce: str | None = None
) -> Request:
    headers = {**account.headers(), **_NEWER_STREAMS, "content-type": "application/json"}
    if nonce is not None:
        headers["x-trigger-request-idempotency-key"] = nonce
    return Request(account.url(path), "POST", headers, body_of(said), account.key)


def body_of(said: Mapping[str, Any]) -> bytes:
    """Return JSON.

    Raises:
        PayloadError: if it cannot be said.
    """
    return _json(said, "request").encode()


def _json(value: Any, what: str) -> str:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise PayloadError(f"the {what} cannot be said in JSON: {error}") from None
