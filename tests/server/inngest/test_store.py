from __future__ import annotations

import pytest

from rx_realtime.errors import LocalError
from rx_realtime.server import ActedRun, DevServer, Event, Limits
from tests.server.clients import http_client


async def test_the_oldest_run_that_is_over_makes_room_for_a_new_one():
    async with DevServer(limits=Limits(max_runs=2)) as server:
        inngest = server.inngest
        alive, over = inngest.start_run(), inngest.start_run()
        await over.complete()
        new = inngest.start_run()
        assert inngest.runs.get(over.id) is None
        assert inngest.runs.of_event(over.event_id) == []
        assert [inngest.runs.get(run.id) for run in (alive, new)] == [alive, new]


async def test_where_no_run_is_over_no_more_are_started():
    async with DevServer(limits=Limits(max_runs=2)) as server:
        run, _ = server.inngest.start_run(), server.inngest.start_run()
        with pytest.raises(LocalError, match="there are 2 runs, and none of them is over"):
            server.inngest.start_run()
        await run.cancel()
        server.inngest.start_run()


async def test_events_that_would_start_too_many_runs_are_answered_503():
    async with DevServer(limits=Limits(max_runs=1)) as server, http_client(server) as http:

        @server.inngest.function("a")
        async def _(run: ActedRun, _event: Event) -> None:
            await run.until_ended()

        first = await http.post("/e/key", json={"name": "a"})
        assert first.status_code == 200
        full = await http.post("/e/key", json={"name": "a"})
        assert (full.status_code, "none of them is over" in full.json()["error"]) == (503, True)
        assert (await http.post("/e/key", json={"name": "nobody waits"})).status_code == 200
        [run] = server.inngest.runs.of_event(first.json()["ids"][0])
        await run.cancel()
        assert (await http.post("/e/key", json={"name": "a"})).status_code == 200
