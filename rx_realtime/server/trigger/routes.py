"""Which path of the Trigger.dev side leads where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ...wire.trigger.answers import encode_error
from ..answers import json_answer
from ..seen import path_of
from .batching import create_batch, retrieve_batch, trigger_batch
from .engine import Trigger
from .feeds import show_batch, show_run, show_runs
from .filling import fill_batch
from .managing import add_tags, cancel_run, replay_run, reschedule_run, retrieve_run
from .metadata import show_metadata, update_metadata
from .minting import mint_token, show_claims
from .storing import (
    load_packet,
    save_packet,
    sign_download,
    sign_run_download,
    sign_upload,
)
from .streams import STREAMS, answer_stream
from .triggering import trigger_task

__all__ = ["trigger_routes"]

Endpoint = Callable[[Trigger, Request], Awaitable[Response]]


def trigger_routes(trigger: Trigger) -> list[BaseRoute]:
    """Return the routes of a Trigger.dev server."""

    def route(method: str, path: str, endpoint: Endpoint, *, is_feed: bool = False) -> Route:
        async def answer(request: Request) -> Response:
            live = request.query_params.get("live") == "true" if is_feed else None
            refusal = trigger.faults.refusal(path_of(request.scope), live=live)
            if refusal is not None:
                return refusal
            if trigger.closing.is_set():
                return json_answer(encode_error("The server is closing"), 503, {"retry-after": "1"})
            return await endpoint(trigger, request)

        return Route(path, answer, methods=[method])

    run, batch = "/api/v1/runs/{run_id}", "/api/v3/batches"
    return [
        route("GET", "/realtime/v1/runs", show_runs, is_feed=True),
        route("GET", "/realtime/v1/runs/{run_id}", show_run, is_feed=True),
        route("GET", "/realtime/v1/batches/{batch_id}", show_batch, is_feed=True),
        *(
            route(method, STREAMS + "{path:path}", answer_stream)
            for method in ("GET", "PUT", "POST")
        ),
        # An id may have slashes, which clients encode and servers decode.
        route("POST", "/api/v1/tasks/{task:path}/trigger", trigger_task),
        route("POST", "/api/v2/tasks/batch", trigger_batch),
        route("POST", batch, create_batch),
        route("POST", batch + "/{batch_id}/items", fill_batch),
        route("GET", "/api/v2/batches/{batch_id}", retrieve_batch),
        route("GET", "/api/v3/runs/{run_id}", retrieve_run),
        route("POST", "/api/v2/runs/{run_id}/cancel", cancel_run),
        route("POST", run + "/replay", replay_run),
        route("POST", run + "/reschedule", reschedule_run),
        route("POST", run + "/tags", add_tags),
        route("GET", run + "/metadata", show_metadata),
        route("PUT", run + "/metadata", update_metadata),
        route("PUT", "/api/v2/packets/{path:path}", sign_upload),
        route("GET", "/api/v1/packets/{path:path}", sign_download),
        route("GET", run + "/packets/{field}", sign_run_download),
        route("PUT", "/packets/{path:path}", save_packet),
        route("GET", "/packets/{path:path}", load_packet),
        route("POST", "/api/v1/auth/jwt/claims", show_claims),
        route("POST", "/api/v1/auth/public-tokens", mint_token),
    ]
