from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rx_realtime import inngest
from rx_realtime.cli.exits import Exit
from rx_realtime.models.update import Chunk, Opened, StreamClosed
from rx_realtime.server import DevServer
from tests.cli.commands import Command, process


@pytest.mark.parametrize(
    ("args", "data"),
    [
        (['{"percent": 5}'], {"percent": 5}),
        (["7"], 7),
        (["null"], None),
        (["just text"], "just text"),
        (["NaN"], "NaN"),
        (["7", "--text"], "7"),
        (["[1]", "--json"], [1]),
    ],
)
def test_what_reads_as_json_is_json_and_the_rest_is_text(
    background: DevServer, command: Command, args: list[str], data: Any
):
    done = command("publish", "film:1", "status", *args, "--url", background.url)
    assert (done.code, done.out, done.err) == (0, "", "")
    [published] = background.inngest.published
    assert (published.channel, published.topic) == ("film:1", "status")
    assert published.data == data


async def test_data_is_read_from_standard_input_too(server: DevServer):
    for args in (["-"], []):
        async with process(
            "publish", "film:1", "log", *args, "--url", server.url, stdin=asyncio.subprocess.PIPE
        ) as child:
            await child.communicate("zwölf\n".encode())
            assert child.returncode == 0
    assert [each.data for each in server.inngest.published] == ["zwölf", "zwölf"]


async def test_a_stream_is_published_piece_by_piece_as_it_is_written(server: DevServer):
    pieces: asyncio.Queue[Any] = asyncio.Queue()
    listening = inngest.subscribe("film:1", ["text"], api_base_url=server.url)
    subscription = listening.subscribe(pieces.put_nowait)

    async def next_of(kind: type[Any]) -> Any:
        while not isinstance(update := await pieces.get(), kind):
            pass
        return update

    await next_of(Opened)
    async with process(
        "publish", "film:1", "text", "--stream", "--url", server.url, stdin=asyncio.subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        child.stdin.write(b"once \xf0\x9f")
        assert (await next_of(Chunk)).data == "once "
        child.stdin.write(b"\x8e\xac")  # the rest of a character
        assert (await next_of(Chunk)).data == "🎬"
        child.stdin.close()
        await next_of(StreamClosed)
        assert await child.wait() == 0
    subscription.dispose()


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["film:1"], Exit.USAGE),
        (["film:1", "status", "no json", "--json"], Exit.USAGE),
        (["film:1", "status", "NaN", "--json"], Exit.USAGE),
        (["film:1", "status", "1", "--metadata", "{"], Exit.USAGE),
        (["film:1", "status", "1", "--stream", "--json"], Exit.USAGE),
        (["film:1", "status", "x" * 600_000], Exit.DATA),
    ],
)
def test_what_cannot_be_published_is_said_in_one_line(
    background: DevServer, command: Command, args: list[str], code: Exit
):
    done = command("publish", *args, "--url", background.url)
    assert done.code == code
    assert len(done.err.splitlines()) == 1
    assert not background.inngest.published


def test_a_server_that_refuses_exits_4_and_one_that_is_not_there_5(command: Command):
    with DevServer(signing_key="signkey-test-00ff") as server:
        done = command("publish", "film:1", "status", "1", "--url", server.url)
        assert done.code == Exit.NOT_AUTHORISED
    done = command("publish", "film:1", "status", "1", "--url", "http://127.0.0.1:9")
    assert done.code == Exit.CONNECTION_LOST


def test_an_event_that_is_sent_starts_a_run(background: DevServer, command: Command):
    done = command("send", "film/cut", '{"id": 7}', "--url", background.url)
    assert (done.code, len(done.out.strip())) == (0, 26)
    assert command("send", "film/cut", "7", "--url", background.url).code == Exit.USAGE
    assert command("send", "film/cut", "{", "--url", background.url).code == Exit.USAGE
