"""Streams are made, written and read; who may, and what the answers are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial

import httpx2
import pytest

from rx_realtime.server import DevServer, TriggerLimits
from tests.server.trigger.followers import client, follow, values
from tests.server.trigger.stream_client import path_of, read


def lines(*chunks: object) -> bytes:
    return b"".join(json.dumps(chunk).encode() + b"\n" for chunk in chunks)


async def test_a_stream_is_made_and_feeds_announce_it(server: DevServer):
    """Case 75."""
    run = server.trigger.start_run()
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        answers = list[httpx2.Response]()

        async def create() -> None:
            for key in ("ai", "ai", "b c"):
                answers.append(await http.put(path_of(run, "self", key)))

        [value] = values(await follower.poll_during(create))
    for answer in answers:
        assert (answer.status_code, answer.json()) == (202, {"version": "v1"})
        assert not [name for name in answer.headers if name.startswith("x-s2")]
    assert value["realtimeStreams"] in ('{"ai"}', '{"ai","b c"}')  # a poll may come in between
    assert run.row.realtime_streams == ("ai", "b c")


async def test_a_program_that_writes_a_stream_announces_it_once(server: DevServer):
    run = server.trigger.start_run()
    stream = run.stream("ai")
    async with client(server) as http:
        follower = follow(server, http, run)
        await follower.fetch()
        [value] = values(await follower.poll_during(partial(stream.write, "a")))
    assert value["realtimeStreams"] == '{"ai"}'
    announced = run.version
    await stream.write("b")
    assert (run.version, stream.chunks) == (announced, ["a", "b"])


async def test_neither_what_is_told_a_run_nor_what_comes_after_its_end_is_announced(
    server: DevServer,
):
    run = server.trigger.start_run()
    await run.stream("$trigger.input:approval").write("yes")
    await run.complete()
    await run.stream("late").write("a")
    assert run.stream("late").chunks == ["a"]
    assert run.row.realtime_streams == ()


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_what_is_ingested_line_by_line_is_read(server: DevServer, version: str):
    """Case 75."""
    server.trigger.streams.version = "v2" if version == "v2" else "v1"
    run = server.trigger.start_run()
    chunks = ["Hel", {"n": 1}, None, 0, "ü"]
    async with client(server) as http, read(http, run, "ai") as reader:

        async def body() -> AsyncIterator[bytes]:
            text = lines(*chunks)
            for at in range(len(text)):  # whatever pieces the network makes of it
                yield text[at : at + 1]

        answer = await http.post(path_of(run, "self", "ai"), content=body())
        assert (answer.status_code, answer.content) == (200, b"")
        assert await reader.chunks(len(chunks)) == chunks
        assert reader.response.headers.get("x-stream-version") == (
            "v2" if version == "v2" else None
        )
    assert run.stream("ai").chunks == chunks


async def test_a_writer_is_told_what_is_stored_and_what_it_sends_again_counts_once(
    server: DevServer,
):
    """Case 75."""
    run = server.trigger.start_run()
    path, stream = path_of(run, "self", "ai"), run.stream("ai")
    async with client(server) as http:

        async def probe(writer: str) -> str:
            answer = await http.head(path, headers={"x-client-id": writer})
            return str(answer.headers["x-last-chunk-index"])

        async def send(writer: str, first: int, *chunks: object) -> None:
            headers = {"x-client-id": writer, "x-resume-from-chunk": str(first)}
            answer = await http.post(path, content=lines(*chunks), headers=headers)
            assert answer.status_code == 200

        assert await probe("a") == "-1"
        await send("a", 0, 0, 1, 2)
        assert await probe("a") == "2"
        await send("a", 1, 1, 2, 3)
        await send("b", 0, 10)
        assert (await probe("a"), await probe("b")) == ("3", "0")
    assert stream.chunks == [0, 1, 2, 3, 10]
    assert len({record.part_id for record in stream.records}) == 5


async def test_a_body_that_breaks_off_keeps_its_whole_lines(server: DevServer):
    """Case 75."""
    run = server.trigger.start_run()
    stream = run.stream("ai")

    async def torn() -> AsyncIterator[bytes]:
        yield lines("a", "b") + b'"half'
        await stream.until_written(2)
        raise ConnectionError("the writer died")

    async with client(server) as http:
        with pytest.raises(ConnectionError):
            await http.post(
                path_of(run, "self", "ai"), content=torn(), headers={"x-client-id": "a"}
            )
        answer = await http.head(path_of(run, "self", "ai"), headers={"x-client-id": "a"})
        assert answer.headers["x-last-chunk-index"] == "1"
        headers = {"x-client-id": "a", "x-resume-from-chunk": "2"}
        await http.post(path_of(run, "self", "ai"), content=b'"c"', headers=headers)
    assert stream.chunks == ["a", "b", "c"]  # the last line needs no end


async def test_what_is_appended_is_text_even_where_it_is_json(server: DevServer):
    """Case 75."""
    run = server.trigger.start_run()
    async with client(server) as http, read(http, run, "ai") as reader:
        path = path_of(run, "self", "ai", "append")
        for body in (b'{"n":1}', b"plain text", b"[1,\r\n2]"):
            answer = await http.post(path, content=body, headers={"x-part-id": "p1"})
            assert answer.json() == {"ok": True}
        await http.post(path, content=b"3")
        records = await reader.records(4)
    bodies = [json.loads(record["body"]) for record in records]
    assert [body["data"] for body in bodies] == ['{"n":1}', "plain text", "[1,\r\n2]", "3"]
    assert [body["id"] for body in bodies[:3]] == ["p1"] * 3
    assert len(bodies[3]["id"]) == 7
    assert [record["seq_num"] for record in records] == [0, 1, 2, 3]
    assert run.row.realtime_streams == ("ai",)


async def test_what_is_appended_has_a_length_and_is_not_too_large(server: DevServer):
    """Case 75."""
    run = server.trigger.start_run()
    path = path_of(run, "self", "ai", "append")

    async def unknown_length() -> AsyncIterator[bytes]:
        yield b"1"

    async with client(server) as http:
        limit = 512 * 1024
        assert (await http.post(path, content=b"x" * limit)).status_code == 200
        for refused in (
            await http.post(path, content=b"x" * (limit + 1)),
            await http.post(path, content=unknown_length()),
        ):
            assert refused.status_code == 413
            assert refused.json() == {"error": "Request body too large"}


async def test_a_run_that_is_over_takes_no_streams(server: DevServer):
    """Case 75."""
    run = server.trigger.start_run()
    await run.complete()
    async with client(server) as http:
        created = await http.put(path_of(run, "self", "ai"))
        appended = await http.post(path_of(run, "self", "ai", "append"), content=b"1")
        told = await http.post(path_of(run, "input", "ok"), json={"data": 1})
    assert (created.status_code, appended.status_code, told.status_code) == (400, 400, 400)
    assert created.text == "Cannot initialize a realtime stream on a completed run"
    assert appended.text == "Cannot append to a realtime stream on a completed run"
    error = "Cannot send to input stream on a completed run"
    assert told.json() == {"ok": False, "error": error}


async def test_a_stream_may_be_that_of_the_parent_or_of_the_root(server: DevServer):
    """Case 75."""
    root = server.trigger.start_run()
    parent = server.trigger.start_run(parent=root)
    run = server.trigger.start_run(parent=parent)
    async with client(server) as http:
        for target in ("self", "parent", "root"):
            assert (await http.put(path_of(run, target, target))).status_code == 202
            await http.post(path_of(run, target, target), content=lines(target))
        for refused in (
            await http.put(path_of(root, "parent", "ai")),
            await http.put(path_of(root, "root", "ai")),
            await http.put(path_of(root, "sibling", "ai")),
        ):
            assert (refused.status_code, refused.text) == (404, "Target not found")
        for unknown in (
            await http.put(path_of("run_nobody", "self", "ai")),
            await http.post(path_of("run_nobody", "self", "ai"), content=b""),
        ):
            assert (unknown.status_code, unknown.text) == (404, "Run not found")
        nobody = await http.get(path_of("run_nobody", "ai"))
        assert (nobody.status_code, nobody.json()) == (404, {"error": "Not found"})
    names = [each.row.realtime_streams for each in (run, parent, root)]
    assert names == [("self",), ("parent",), ("root",)]
    assert [each.stream(n).chunks for each, (n,) in zip((run, parent, root), names, strict=True)]


async def test_only_a_secret_key_writes_and_tokens_read_what_they_name(server: DevServer):
    """Cases 75 and 77."""
    run, other = server.trigger.start_run(tags=["a"]), server.trigger.start_run()
    writes = [
        ("PUT", path_of(run, "self", "ai")),
        ("POST", path_of(run, "self", "ai")),
        ("HEAD", path_of(run, "self", "ai")),
        ("POST", path_of(run, "self", "ai", "append")),
    ]
    everything = server.trigger.public_token("admin")
    async with client(server, everything) as http:
        for method, path in writes:
            assert (await http.request(method, path, content=b"1")).status_code == 401
    for scope in (f"read:runs:{run.id}", "read:tags:a", "read:tasks:demo"):
        async with client(server, server.trigger.public_token(scope)) as http:
            async with read(http, run, "ai") as reader:
                assert reader.response.status_code == 200
            posted = await http.post(path_of(run, "input", "ok"), json={"data": 1})
            assert posted.status_code == 403
    async with client(server, server.trigger.public_token(f"read:runs:{other.id}")) as http:
        assert (await http.get(path_of(run, "ai"))).status_code == 403
    await run.stream("ai").until_readers(0)


async def test_an_input_stream_is_written_with_a_scope_of_its_own_and_read(server: DevServer):
    run = server.trigger.start_run()
    token = server.trigger.public_token(f"write:inputStreams:{run.id}")
    async with client(server, token) as http:
        path = path_of(run, "input", "a/b")
        answer = await http.post(path, json={"data": {"ok": True}})
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        assert (await http.post(path, content=b"{")).status_code == 400
        assert (await http.post(path, json={"data": "x" * 1024 * 1024})).status_code == 413
        unknown = await http.post(path_of("run_nobody", "input", "b"), json={"data": 1})
        assert unknown.status_code == 403
    async with client(server) as http, read(http, run, "input", "a/b") as reader:
        [said] = await reader.chunks(1)
        assert json.loads(said) == {"ok": True}
        unknown = await http.post(path_of("run_nobody", "input", "b"), json={"data": 1})
        assert (unknown.status_code, unknown.json()) == (
            404,
            {"ok": False, "error": "Run not found"},
        )


@pytest.mark.parametrize("key", ["a b", "a/b", "a?b#c", "ü", "$x", "%41", "input", "append"])
async def test_a_streams_name_is_one_part_of_the_path(server: DevServer, key: str):
    """Case 60, from the other side."""
    run = server.trigger.start_run()
    async with client(server) as http:
        assert (await http.put(path_of(run, "self", key))).status_code == 202
        assert (await http.post(path_of(run, "self", key), content=b"1\n")).status_code == 200
        async with read(http, run, key) as reader:
            assert await reader.chunks(1) == [1]
    assert run.row.realtime_streams == (key,)


async def test_what_is_no_request_about_a_stream_is_refused(server: DevServer):
    run = server.trigger.start_run()
    async with client(server) as http:
        assert (await http.get(path_of(run, "self", "ai", "append"))).status_code == 405
        assert (await http.delete(path_of(run, "ai"))).status_code == 405
        headers = {"x-resume-from-chunk": "-1"}
        bad = await http.post(path_of(run, "self", "ai"), content=b"1\n", headers=headers)
    assert bad.status_code == 400


async def test_a_line_that_is_too_long_is_refused_and_what_came_before_is_kept():
    limits = TriggerLimits(max_chunk=10)
    async with DevServer(trigger_limits=limits) as server, client(server) as http:
        run = server.trigger.start_run()
        path = path_of(run, "self", "ai")
        answer = await http.post(path, content=b"1\n" + b"x" * 11)
        assert answer.status_code == 413
        assert run.stream("ai").chunks == [1]


async def test_who_triggers_says_in_which_dialect_streams_are_read(server: DevServer):
    path = "/api/v1/tasks/demo/trigger"
    async with client(server) as http:
        ids = list[str]()
        for asked in ("v1", "v9", "v2"):
            headers = {"x-trigger-realtime-streams-version": asked}
            ids.append((await http.post(path, json={}, headers=headers)).json()["id"])
        ids.append((await http.post(f"/api/v1/runs/{ids[-1]}/replay", json={})).json()["id"])
    runs = [run for each in ids if (run := server.trigger.run(each)) is not None]
    assert [run.streams_version for run in runs] == ["v1", "v1", "v2", "v2"]


async def test_pages_may_read_what_they_need(server: DevServer):
    """Case 74."""
    run = server.trigger.start_run()
    page = {"origin": "http://localhost:3000"}
    async with client(server) as http, read(http, run, "ai", **page) as reader:
        headers = reader.response.headers
        assert headers["access-control-allow-origin"] in ("*", page["origin"])
        assert headers["access-control-expose-headers"] == "*"
        asked = {
            **page,
            "access-control-request-method": "GET",
            "access-control-request-headers": "last-event-id, timeout-seconds",
        }
        allowed = await http.options(path_of(run, "ai"), headers=asked)
        assert allowed.status_code == 200


async def test_a_program_waits_for_what_others_do_with_a_stream(server: DevServer):
    run = server.trigger.start_run()
    stream = run.stream("ai")
    async with client(server) as http:
        reading = asyncio.create_task(
            http.get(path_of(run, "ai"), headers={"timeout-seconds": "9"})
        )
        await stream.until_readers(1)
        await stream.write("a", {"b": 1})
        await stream.until_read()
        assert (stream.readers, server.trigger.streams.readers) == (1, 1)
        reading.cancel()
        await stream.until_readers(0)
    assert stream.chunks == ["a", {"b": 1}]
