"""The object store over HTTP: URLs that are signed, and what they lead to."""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import quote

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import encode_error
from ...wire.trigger.encode_packets import JSON, STORE, Packet
from ..answers import json_answer
from ..body import read_body
from .auth import forbid, identify, readers_of
from .engine import Trigger
from .feeds import missing
from .runs import TaskRun

__all__ = [
    "load_packet",
    "save_packet",
    "sign_download",
    "sign_run_download",
    "sign_upload",
    "signed_url",
    "stored_path",
]

_MAX_PACKET: Final = 10 * 1024 * 1024


async def sign_upload(trigger: Trigger, request: Request) -> Response:
    """PUT /api/v2/packets/{path}: where a packet may be put, and how a row names it then."""
    caller = identify(trigger, request, tokens=False, words="Invalid or Missing API key")
    if isinstance(caller, Response):
        return caller
    path: str = request.path_params["path"]
    url = signed_url(trigger, request, "PUT", path)
    return json_answer(to_json({"presignedUrl": url, "storagePath": path}))


async def sign_download(trigger: Trigger, request: Request) -> Response:
    """GET /api/v1/packets/{path}: where a packet is. Any token of ours is told."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    url = signed_url(trigger, request, "GET", request.path_params["path"])
    return json_answer(to_json({"presignedUrl": url}))


async def sign_run_download(trigger: Trigger, request: Request) -> Response:
    """GET /api/v1/runs/{id}/packets/{field}: where a run's payload or output is."""
    caller = identify(trigger, request)
    if isinstance(caller, Response):
        return caller
    run = trigger.runs.get(request.path_params["run_id"])
    if run is None:
        return missing(retry=True)
    if (refusal := forbid(caller, *readers_of(run))) is not None:
        return refusal
    path = stored_path(run, request.path_params["field"])
    if path is None:
        return missing(retry=False)
    url = signed_url(trigger, request, "GET", path)
    return json_answer(to_json({"presignedUrl": url}))


async def save_packet(trigger: Trigger, request: Request) -> Response:
    """PUT what a signed URL leads to."""
    path: str = request.path_params["path"]
    if not trigger.packets.allows("PUT", path, request.query_params.get("signature", "")):
        return json_answer(encode_error("Forbidden"), 403)
    body = await read_body(request, _MAX_PACKET)
    if body is None:
        return json_answer(encode_error("Request body too large"), 413)
    kind = request.headers.get("content-type", JSON)
    trigger.packets.put(path, Packet(body.decode("utf-8", "replace"), kind))
    return Response()


async def load_packet(trigger: Trigger, request: Request) -> Response:
    """GET what a signed URL leads to."""
    path: str = request.path_params["path"]
    if not trigger.packets.allows("GET", path, request.query_params.get("signature", "")):
        return json_answer(encode_error("Forbidden"), 403)
    packet = trigger.packets.get(path)
    if packet is None:
        return missing(retry=False)
    # Not as `media_type`, which would name a charset that the type of a packet does not have.
    return Response((packet.data or "").encode(), headers={"content-type": packet.type})


def signed_url(trigger: Trigger, request: Request, verb: Literal["GET", "PUT"], path: str) -> str:
    """Return the URL that leads to a packet, for whoever has it.

    What opens it is not in its path, which tests are shown.
    """
    signature = trigger.packets.sign(verb, path)
    return f"{str(request.base_url).rstrip('/')}/packets/{quote(path)}?signature={signature}"


def stored_path(run: TaskRun, field: str) -> str | None:
    """Return where a run's payload or output is; None where it is in the row."""
    match field:
        case "payload":
            return run.row.payload if run.row.payload_type == STORE else None
        case "output":
            return run.row.output if run.row.output_type == STORE else None
        case _:
            return None
