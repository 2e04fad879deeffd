"""Events, the runs they start, and tokens, against a real server on this machine."""

from __future__ import annotations

import asyncio

import pytest

import rx_realtime as rxr
from rx_realtime.server import DevServer
from rx_realtime.server.inngest import ActedRun, Event

SIGNING_KEY = "signkey-test-" + "ab" * 32
OTHER_KEY = "signkey-test-" + "cd" * 32


def slowly(server: DevServer) -> asyncio.Event:
    """Register a function that ends when the event is set; return the event."""
    end = asyncio.Event()

    @server.inngest.function("orders/paid")
    async def ship(run: ActedRun, event: Event) -> object:
        await end.wait()
        return {"shipped": event.data}

    return end


async def started(server: DevServer) -> str:
    (event_id,) = await rxr.inngest.send(
        {"name": "orders/paid", "data": 7}, api_base_url=server.url
    )
    (run,) = await rxr.inngest.runs(event_id, api_base_url=server.url)
    return run.run_id


async def test_an_event_starts_a_run_that_is_observed_until_its_end(server: DevServer) -> None:
    end = slowly(server)
    run_id = await started(server)
    seen: list[rxr.inngest.Run] = []
    async for run in rxr.inngest.run(run_id, poll_min=0.01, api_base_url=server.url):
        seen.append(run)
        end.set()
    assert [run.run_status for run in seen] == ["running", "completed"]
    assert seen[-1].output == {"shipped": 7}
    assert seen[-1].is_terminal


async def test_several_events_have_an_id_each(server: DevServer) -> None:
    events = [{"name": "a"}, {"name": "b"}]
    assert len(set(await rxr.inngest.send(events, api_base_url=server.url))) == 2


async def test_a_cancelled_run_is_over(server: DevServer) -> None:
    slowly(server)
    run_id = await started(server)
    await rxr.inngest.cancel(run_id, api_base_url=server.url)
    assert (await rxr.inngest.run(run_id, api_base_url=server.url)).run_status == "cancelled"


async def test_a_run_that_nobody_knows_is_not_found_after_a_while(server: DevServer) -> None:
    with pytest.raises(rxr.NotFound):
        await rxr.inngest.run("01JGVNB7BJVRCZWTBF8G73BPJX", wait_for_run=0, api_base_url=server.url)


async def test_a_run_that_is_not_known_yet_is_waited_for(server: DevServer) -> None:
    run = server.inngest.start_run(function="late")
    server.faults.refuse(404, times=2)
    await run.complete(1)
    told = await rxr.inngest.run(run.id, poll_min=0.01, api_base_url=server.url)
    assert told.output == 1


async def test_a_server_that_is_down_for_a_moment_is_asked_again(server: DevServer) -> None:
    run = server.inngest.start_run(function="f")
    await run.complete(1)
    server.faults.refuse(503, times=2)
    assert (await rxr.inngest.run(run.id, poll_min=0.01, api_base_url=server.url)).output == 1


@pytest.mark.parametrize("fallback", [None, SIGNING_KEY])
async def test_the_fallback_key_is_tried_once_where_the_key_is_not_accepted(
    fallback: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INNGEST_DEV", "0")
    monkeypatch.setenv("INNGEST_SIGNING_KEY", OTHER_KEY)
    if fallback is not None:
        monkeypatch.setenv("INNGEST_SIGNING_KEY_FALLBACK", fallback)
    async with DevServer(signing_key=SIGNING_KEY) as server:
        minted = rxr.inngest.subscription_token("c", ["t"], api_base_url=server.url)
        if fallback is None:
            with pytest.raises(rxr.NotAuthorized):
                await minted
        else:
            assert (await minted).channel == "c"


async def test_without_a_key_or_a_dev_server_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("INNGEST_DEV", "INNGEST_SIGNING_KEY", "INNGEST_BASE_URL", "INNGEST_API_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(rxr.OptionError, match="INNGEST_SIGNING_KEY"):
        await rxr.inngest.subscription_token("c", ["t"])


async def test_a_client_token_is_ready_for_json_and_opens_the_channel(server: DevServer) -> None:
    token = await rxr.inngest.client_subscription_token("c", ["t"], api_base_url=server.url)
    assert set(token) == {"key", "apiBaseUrl"}
    rt = rxr.inngest.realtime("c", ["t"], token=token)
    async with rt:
        await server.inngest.until_connections(1)


async def test_the_environment_names_the_server(
    server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INNGEST_DEV", server.url)
    await rxr.inngest.publish(("c", "t"), 1)
    assert len(server.inngest.published) == 1
