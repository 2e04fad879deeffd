"""A web backend that forwards what a Trigger.dev run streams to browsers, as server-sent events.

    const answer = new EventSource("/runs/run_…/answer")
    answer.onmessage = (event) => show(JSON.parse(event.data))
    answer.addEventListener("end", () => answer.close())

The browser needs no token. One that comes back after a break goes on where it stopped; one that is
slow is waited for; one that leaves takes the connection to Trigger.dev with it. Serve it with
`uvicorn forward_stream:app`, with TRIGGER_SECRET_KEY set, and for a dev server TRIGGER_API_URL.
"""

import json
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

import rx_realtime as rxr

Ai = rxr.trigger.streams.define("ai", str)


async def events(run_id: str, after: str | None) -> AsyncIterator[str]:
    """Encode chunks as server-sent events; the id of each is where to go on."""
    async with rxr.trigger.streams.subscribe(run_id, Ai, after=after).iterate() as updates:
        async for update in updates:
            if isinstance(update, rxr.updates.Chunk):
                yield f"id: {update.id}\ndata: {json.dumps(update.data)}\n\n"
    yield "event: end\ndata:\n\n"


async def answer(request: Request) -> StreamingResponse:
    """Starlette cancels the generator when the browser leaves: that closes the iteration."""
    chunks = events(request.path_params["id"], request.headers.get("last-event-id"))
    return StreamingResponse(chunks, media_type="text/event-stream")


app = Starlette(routes=[Route("/runs/{id}/answer", answer)])
