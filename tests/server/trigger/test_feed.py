from __future__ import annotations

import asyncio
import json

import httpx2
import pytest

from rx_realtime.server import DevServer, TriggerLimits
from tests.server.trigger.followers import (
    Follower,
    client,
    follow,
    ids,
    key_of,
    operations,
    values,
)

UP_TO_DATE = [{"headers": {"control": "up-to-date"}}]


# --- the first answer -----------------------------------------------------------------------


async def test_a_snapshot_has_all_headers_that_clients_need(server: DevServer):
    """Case 69."""
    run = server.trigger.start_run()
    async with client(server) as http:
        answer = await follow(server, http, run).fetch()
    assert answer.status_code == 200
    headers = answer.headers
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"
    assert headers["electric-handle"] == f"run-{run.row.id}"
    assert headers["electric-up-to-date"] == ""
    milliseconds = int(run.row.updated_at.timestamp() * 1000)
    assert headers["electric-offset"] == f"{milliseconds}_{run.version}"
    schema = json.loads(headers["electric-schema"])
    assert list(schema) == list(values(answer)[0])
    assert schema["runTags"] == {"type": "text", "dims": 1}
    assert "electric-cursor" not in headers


async def test_a_live_answer_has_a_cursor_and_no_schema(server: DevServer):
    """Case 69."""
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        first = await follower.fetch()
        answer = await follower.poll_during(lambda: run.set_status("EXECUTING"))
    assert answer.headers["electric-cursor"].isdecimal()
    assert answer.headers["electric-handle"] == first.headers["electric-handle"]
    assert answer.headers["electric-up-to-date"] == ""
    assert answer.headers["electric-offset"] != first.headers["electric-offset"]
    assert "electric-schema" not in answer.headers


async def test_values_are_the_text_of_postgres(server: DevServer):
    """Case 70."""
    run = server.trigger.start_run(payload={"a": 1}, tags=["a,b", 'c"d'], metadata={"step": 1})
    await run.set_status("EXECUTING")
    await run.change(is_test=True, cost_in_cents=0.55)
    async with client(server) as http:
        answer = await follow(server, http, run).fetch()
    [message, _] = answer.json()
    assert message["key"] == f'"public"."TaskRun"/"{run.row.id}"'
    assert message["headers"] == {"operation": "insert"}
    value = message["value"]
    assert value["id"] == run.row.id
    assert value["friendlyId"] == run.id
    assert value["createdAt"] == run.row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    assert (value["isTest"], value["number"], value["costInCents"]) == ("t", "1", "0.55")
    assert value["runTags"] == '{"a,b","c\\"d"}'
    assert (value["realtimeStreams"], value["error"]) == ("{}", None)
    assert (value["payload"], value["payloadType"]) == ('{"a":1}', "application/json")


async def test_no_tags_are_null_and_not_an_empty_array(server: DevServer):
    """Case 17, from the other side."""
    run = server.trigger.start_run()
    async with client(server) as http:
        [value] = values(await follow(server, http, run).fetch())
    assert value["runTags"] is None


async def test_skipped_columns_are_in_neither_the_row_nor_the_schema(server: DevServer):
    run = server.trigger.start_run()
    async with client(server) as http:
        answer = await follow(server, http, run, skipColumns="payload, ,output,status").fetch()
    [value] = values(answer)
    assert list(value) == list(json.loads(answer.headers["electric-schema"]))
    assert "payload" not in value
    assert "output" not in value
    assert value["status"] == "PENDING"  # nobody may do without it


# --- live polls -----------------------------------------------------------------------------


async def test_a_live_poll_is_held_until_the_run_changes(server: DevServer):
    """Case 71."""
    run, other = server.trigger.start_run(), server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()

        async def happens() -> None:
            await other.complete()
            assert server.trigger.polls.count == 1
            await run.complete({"rows": 3})

        answer = await follower.poll_during(happens)
    [value] = values(answer)
    assert (operations(answer), value["status"]) == (["update"], "COMPLETED_SUCCESSFULLY")
    assert value["output"] == '{"rows":3}'
    assert len(value) == 26  # a whole row, whatever changed


async def test_what_happened_between_two_polls_is_told_at_once(server: DevServer):
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        await run.set_status("EXECUTING")
        await run.set_metadata({"step": 1})
        [value] = values(await follower.poll())
    assert (value["status"], value["metadata"]) == ("EXECUTING", '{"step":1}')


async def test_two_changes_within_a_millisecond_have_two_times(server: DevServer):
    run = server.trigger.start_run()
    before = run.row.updated_at
    run.apply(number=2)
    between = run.row.updated_at
    run.apply(number=3)
    assert before < between < run.row.updated_at


async def test_an_idle_poll_ends_with_nothing_but_the_control():
    """Case 71."""
    async with DevServer(trigger_limits=TriggerLimits(poll_timeout=0.01)) as server:
        run = server.trigger.start_run()
        async with client(server) as http:
            follower = follow(server, http, run)
            first = await follower.fetch()
            answer = await follower.poll()
            again = await follower.poll()
    assert answer.json() == UP_TO_DATE
    assert answer.headers["electric-offset"] == first.headers["electric-offset"]
    assert int(again.headers["electric-cursor"]) > int(answer.headers["electric-cursor"])


async def test_a_client_that_leaves_is_waited_for_no_longer(server: DevServer):
    """Case 71."""
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        polling = asyncio.create_task(follower.poll())
        await server.trigger.polls.until(1)
        polling.cancel()
        await server.trigger.polls.until(0)


async def test_a_server_that_stops_answers_the_polls_it_holds():
    async with DevServer() as server:
        run = server.trigger.start_run()
        async with client(server) as http:
            follower = follow(server, http, run)
            await follower.fetch()
            answer = await follower.poll_during(server.stop)
            assert answer.json() == UP_TO_DATE
            with pytest.raises(httpx2.ConnectError):
                await follower.poll()


async def test_there_are_only_so_many_live_polls():
    async with DevServer(trigger_limits=TriggerLimits(max_polls=1)) as server:
        run = server.trigger.start_run()
        async with client(server) as http:
            first, second = follow(server, http, run), follow(server, http, run)
            await first.fetch()
            await second.fetch()

            async def happens() -> None:
                refused = await second.poll()
                assert refused.status_code == 429
                assert refused.json() == {"error": "Too many concurrent requests"}
                assert (await second.fetch()).status_code == 200  # only live ones are counted
                await run.complete()

            assert (await first.poll_during(happens)).status_code == 200


async def test_everybody_who_waits_is_told(server: DevServer):
    run = server.trigger.start_run(tags=["a"])
    async with client(server) as http:
        followers = [follow(server, http, run), Follower(server, http, "runs", tags="a")]
        for follower in followers:
            await follower.fetch()
        polling = [asyncio.create_task(follower.poll()) for follower in followers]
        await server.trigger.polls.until(2)
        await run.complete()
        for answer in await asyncio.gather(*polling):
            assert ids(answer) == [run.id]


# --- lists ----------------------------------------------------------------------------------


async def test_a_run_that_gets_a_tag_comes_into_the_list_as_an_insert(server: DevServer):
    """Case 72."""
    run = server.trigger.start_run(tags=["a"])
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a,b")
        assert values(await follower.fetch()) == []
        inserted = await follower.poll_during(lambda: run.add_tags("b"))
        updated = await follower.poll_during(run.complete)
    assert (operations(inserted), operations(updated)) == (["insert"], ["update"])
    assert ids(inserted) == ids(updated) == [run.id]


async def test_a_new_run_is_an_insert_and_a_changed_one_an_update(server: DevServer):
    old = server.trigger.start_run(tags=["a"])
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a")
        await follower.fetch()
        new = server.trigger.start_run(tags=["a"])
        await old.complete()
        answer = await follower.poll()
    assert list(zip(ids(answer), operations(answer), strict=True)) == [
        (new.id, "insert"),
        (old.id, "update"),
    ]


async def test_a_list_shows_the_newest_of_too_many():
    async with DevServer(trigger_limits=TriggerLimits(max_list=2)) as server:
        runs = [server.trigger.start_run(tags=["a"]) for _ in range(3)]
        async with client(server) as http:
            answer = await Follower(server, http, "runs", tags="a").fetch()
    assert ids(answer) == [run.id for run in runs[1:]]


async def test_an_empty_list_is_up_to_date(server: DevServer):
    async with client(server) as http:
        answer = await Follower(server, http, "runs", tags="nobody").fetch()
    assert answer.json() == UP_TO_DATE
    assert answer.headers["electric-offset"] == "0_0"


# --- handles --------------------------------------------------------------------------------


async def test_a_handle_of_another_server_is_answered_with_409(server: DevServer):
    """Cases 72 and 73: the body is a list, or the npm client stops."""
    run = server.trigger.start_run(tags=["a"])
    async with DevServer() as before, client(before) as http:
        earlier = Follower(before, http, "runs", tags="a")
        await earlier.fetch()
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a")
        follower.offset, follower.handle = f"{earlier.offset[:-1]}0", earlier.handle
        answer = await follower.poll()
        assert answer.status_code == 409
        assert answer.json() == [{"headers": {"control": "must-refetch"}}]
        assert answer.headers["cache-control"] == "max-age=60, must-revalidate"
        follower.offset, follower.handle = "-1", answer.headers["electric-handle"]
        again = await follower.fetch()
    assert ids(again) == [run.id]
    assert again.headers["electric-handle"] == answer.headers["electric-handle"]


@pytest.mark.parametrize("offset", ["9999999999999_999", "soon", "0_", "0_" + "9" * 5000, "0_inf"])
async def test_an_offset_that_is_none_of_ours_is_answered_with_409(server: DevServer, offset: str):
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        follower.offset = offset
        assert (await follower.poll()).status_code == 409


async def test_asking_again_without_live_gives_everything_under_the_same_handle(server: DevServer):
    run = server.trigger.start_run(tags=["a"])
    async with client(server) as http:
        follower = Follower(server, http, "runs", tags="a")
        first = await follower.fetch()
        await run.set_status("EXECUTING")
        again = await follower.fetch(cursor="")
    assert [value["status"] for value in values(again)] == ["EXECUTING"]
    assert operations(again) == ["insert"]
    assert again.headers["electric-handle"] == first.headers["electric-handle"]
    assert "electric-schema" in again.headers


async def test_parameters_that_nobody_knows_are_ignored(server: DevServer):
    run = server.trigger.start_run()
    more = {"experimental_live_sse": "true", "cache-buster": "1-2", "subset__limit": "3"}
    async with client(server) as http:
        assert ids(await follow(server, http, run, **more).fetch()) == [run.id]


# --- older clients --------------------------------------------------------------------------


async def test_clients_that_name_no_electric_version_get_the_older_headers(server: DevServer):
    """Case 78."""
    run = server.trigger.start_run()
    async with httpx2.AsyncClient(
        base_url=server.url, headers=key_of(server), trust_env=False
    ) as http:
        path = f"/realtime/v1/runs/{run.id}"
        first = await http.get(path, params={"offset": "-1"})
        assert not [
            name for name in first.headers if name in ("electric-handle", "electric-offset")
        ]
        where = {
            "shape_id": first.headers["electric-shape-id"],
            "offset": first.headers["electric-chunk-last-offset"],
            "live": "true",
        }
        await run.complete()
        second = await http.get(path, params=where)
    assert operations(second) == ["update"]
    assert "electric-cursor" in second.headers


async def test_clients_that_name_no_api_version_never_hear_that_a_run_is_dequeued(
    server: DevServer,
):
    """Cases 27 and 78."""
    run = server.trigger.start_run(payload='"status":"DEQUEUED"')
    await run.set_status("DEQUEUED")
    async with client(server) as http:
        [new] = values(await follow(server, http, run).fetch())
    async with client(server, x_trigger_api_version="2024-01-01") as http:
        [old] = values(await follow(server, http, run).fetch())
    assert (new["status"], old["status"]) == ("DEQUEUED", "EXECUTING")
    assert old["payload"] == new["payload"]


# --- browsers -------------------------------------------------------------------------------


async def test_a_page_may_send_any_header_and_read_those_of_electric(server: DevServer):
    """Case 74."""
    run = server.trigger.start_run()
    asked = "authorization,trigger-version,x-trigger-electric-version,x-trigger-api-version"
    page = {"origin": "http://localhost:3000"}
    async with client(server) as http:
        preflight = await http.options(
            f"/realtime/v1/runs/{run.id}",
            headers={
                **page,
                "access-control-request-method": "GET",
                "access-control-request-headers": asked,
            },
        )
        answer = await http.get(f"/realtime/v1/runs/{run.id}", headers=page)
        triggered = await http.post("/api/v1/tasks/demo/trigger", json={}, headers=page)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-headers"] == asked
    for each in (preflight, answer, triggered):
        assert each.headers["access-control-allow-origin"] == page["origin"]
    assert answer.headers["access-control-expose-headers"] == "*"
    exposed = triggered.headers["access-control-expose-headers"]
    assert exposed == "x-trigger-jwt-claims, x-trigger-jwt"
