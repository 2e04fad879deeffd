"""Which path of the Inngest side leads where."""

from __future__ import annotations

from functools import partial

from starlette.routing import BaseRoute, Route, WebSocketRoute

from ...wire.inngest.address import (
    CONNECT_PATH,
    PUBLISH_PATH,
    SSE_PATH,
    TEE_PATH,
    TOKEN_PATH,
)
from .connect import connect, connect_without_upgrade
from .engine import Inngest
from .minting import mint_token
from .publish import publish
from .rest import cancel_run, receive_events, show_event_runs, show_run
from .sse import send_events
from .tee import tee

__all__ = ["inngest_routes"]


def inngest_routes(inngest: Inngest) -> list[BaseRoute]:
    """Return the routes of an Inngest server."""
    return [
        Route(TOKEN_PATH, partial(mint_token, inngest), methods=["POST"]),
        WebSocketRoute(CONNECT_PATH, partial(connect, inngest)),
        Route(CONNECT_PATH, partial(connect_without_upgrade, inngest)),
        Route(SSE_PATH, partial(send_events, inngest)),
        Route(TEE_PATH, partial(tee, inngest), methods=["POST"]),
        Route(PUBLISH_PATH, partial(publish, inngest), methods=["POST"]),
        Route("/e/{key}", partial(receive_events, inngest), methods=["POST"]),
        Route("/v1/events/{event_id}/runs", partial(show_event_runs, inngest)),
        Route("/v1/runs/{run_id}", partial(show_run, inngest)),
        Route("/v1/runs/{run_id}", partial(cancel_run, inngest), methods=["DELETE"]),
    ]
