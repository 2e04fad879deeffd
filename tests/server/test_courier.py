from __future__ import annotations

import json

import pytest
from websockets.frames import Opcode

from rx_realtime.server import DevServer, Limits
from rx_realtime.server.link import LiveSocket
from tests.server.clients import CHANNEL, TOPIC, RawSocket, listen, read_data, until

BIG = "x" * 100_000


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was given to websockets, each time that something was."""
    written, write = list[bytes](), LiveSocket.write

    def write_down(socket: LiveSocket, frames: bytes) -> None:
        written.append(frames)
        write(socket, frames)

    monkeypatch.setattr(LiveSocket, "write", write_down)
    return written


async def test_what_is_published_in_one_turn_is_written_once_for_each_subscriber(
    server: DevServer, writes: list[bytes]
):
    async with listen(server) as one, listen(server) as two:
        for number in range(100):
            server.inngest.publisher.say(CHANNEL, TOPIC, str(number).encode())
        for websocket in (one, two):
            assert [await read_data(websocket) for _ in range(100)] == list(range(100))
    assert len(writes) == 2


async def test_a_lot_is_written_in_pieces_that_are_whole_frames(
    server: DevServer, writes: list[bytes]
):
    async with listen(server) as websocket:
        for _ in range(5):
            server.inngest.publisher.say(CHANNEL, TOPIC, json.dumps(BIG).encode())
        assert [await read_data(websocket) for _ in range(5)] == [BIG] * 5
    assert len(writes) == 5


async def test_what_a_websocket_does_not_take_is_sent_once_there_is_room():
    async with DevServer(limits=Limits(ping_timeout=60)) as server, RawSocket(server) as slow:
        run = server.inngest.start_run()
        outbox = server.inngest.hub.subscribers[0].outbox
        sent = 0

        async def say() -> None:
            nonlocal sent
            await run.publish(TOPIC, [sent, BIG], channel=CHANNEL)
            sent += 1

        await until(lambda: outbox.waiting > 3, say)
        frames = [await slow.frame(Opcode.TEXT) for _ in range(sent + 1)]
        said = [json.loads(bytes(frame.data))["data"] for frame in frames]
        assert said[0] == {"status": "running"}
        assert [number for number, _ in said[1:]] == list(range(sent))
        assert outbox.waiting == 0
