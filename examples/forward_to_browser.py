"""A web backend that forwards a run to browsers as server-sent events.

The browser needs no token, and when it leaves, the subscription ends with it. Serve it with
`uvicorn forward_to_browser:app`, and open /talks/1 while a run publishes on talk:1.
"""

import json
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

import rx_realtime as rxr


async def events(rt: rxr.Realtime) -> AsyncIterator[str]:
    """Encode messages, and at the end the result, as server-sent events."""
    async with rt.state.iterate(overflow="latest") as states:
        async for state in states:
            seen = {"status": state.run_status, "connection": state.connection_status}
            if state.messages.last is not None:
                seen["last"] = state.messages.last.data
            yield f"data: {json.dumps(seen)}\n\n"
    yield f"event: result\ndata: {json.dumps(rt.current.result)}\n\n"


async def talk(request: Request) -> StreamingResponse:
    """Starlette cancels the generator when the browser leaves: that closes the iteration."""
    rt = rxr.inngest.realtime(f"talk:{request.path_params['id']}", ["status"])
    return StreamingResponse(events(rt), media_type="text/event-stream")


app = Starlette(routes=[Route("/talks/{id}", talk)])
