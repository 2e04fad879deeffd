"""A test of one's own: what an application does when a run fails, on a server inside the test.

Run it with `pytest test_a_run.py` (and pytest-asyncio, or any other way to run coroutines).
"""

import asyncio

import rx_realtime as rxr
from rx_realtime.server import DevServer


async def report(rt: rxr.Realtime) -> str:
    """The application: say how a run ended, and the last thing it said."""
    status = await rt.run_status
    last = rt.current.messages.last
    return f"{status} after {last.data!r}" if last else status


async def check_that_a_failure_is_reported_with_the_last_message() -> None:
    async with DevServer() as server:
        run = server.inngest.start_run(function="job").channel("job:1")
        lifecycle = rxr.inngest.run(run.id, poll_min=0.1, api_base_url=server.url)
        rt = rxr.inngest.realtime("job:1", ["log"], lifecycle=lifecycle, api_base_url=server.url)
        reporting = asyncio.ensure_future(report(rt))
        await server.inngest.until_connections(1)

        await run.publish("log", "loading")
        server.faults.drop()  # what is published while nobody listens is lost: …
        await run.fail("disk full")  # … so the end of the run is asked for as well

        assert await reporting == "failed after 'loading'"


def test_a_failure_is_reported_with_the_last_message() -> None:
    asyncio.run(check_that_a_failure_is_reported_with_the_last_message())
