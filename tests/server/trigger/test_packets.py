from __future__ import annotations

import httpx2

from rx_realtime.server import DevServer, TriggerLimits
from rx_realtime.server.trigger.packets import PacketStore
from rx_realtime.wire.trigger.encode_packets import Packet
from tests.server.trigger.followers import client, follow, values


def test_the_oldest_packets_make_room():
    packets = PacketStore(TriggerLimits(max_stored=10))
    for path in "abc":
        packets.put(path, Packet("x" * 5))
    packets.put("c", Packet("y"))
    packets.put("d", Packet("x" * 4))
    assert [packets.get(path) is not None for path in "abcd"] == [False, True, True, True]


def test_what_a_signature_is_for_is_all_that_it_opens():
    packets = PacketStore(TriggerLimits())
    signature = packets.sign("GET", "a")
    assert packets.allows("GET", "a", signature)
    assert not packets.allows("PUT", "a", signature)
    assert not packets.allows("GET", "b", signature)
    assert not PacketStore(TriggerLimits()).allows("GET", "a", signature)


async def test_a_packet_is_stored_named_in_a_row_and_fetched(server: DevServer):
    """Case 22, from the other side."""
    async with client(server) as http, httpx2.AsyncClient(trust_env=False) as anybody:
        signed = (await http.put("/api/v2/packets/a%20b.json")).json()
        assert signed["storagePath"] == "a b.json"
        json = {"content-type": "application/json"}
        put = await anybody.put(signed["presignedUrl"], content=b'{"n":1}', headers=json)
        assert put.status_code == 200
        options = {"payloadType": "application/store"}
        body = {"payload": signed["storagePath"], "options": options}
        triggered = (await http.post("/api/v1/tasks/demo/trigger", json=body)).json()
        run = server.trigger.run(triggered["id"])
        assert run is not None
        [value] = values(await follow(server, http, run).fetch())
        ways = [
            (await http.get(f"/api/v1/runs/{run.id}/packets/payload")).json()["presignedUrl"],
            (await http.get("/api/v1/packets/a%20b.json")).json()["presignedUrl"],
            (await http.get(f"/api/v3/runs/{run.id}")).json()["payloadPresignedUrl"],
        ]
        for url in ways:
            got = await anybody.get(url)
            assert (got.text, got.headers["content-type"]) == ('{"n":1}', "application/json")
        assert (await anybody.put(ways[0], content=b"mine")).status_code == 403
        assert (await http.get(f"/api/v1/runs/{run.id}/packets/output")).status_code == 404
    assert (value["payload"], value["payloadType"]) == ("a b.json", "application/store")
    assert run.payload == {"n": 1}


async def test_a_large_output_is_stored():
    limits = TriggerLimits(max_inline=10)
    async with DevServer(trigger_limits=limits) as server, client(server) as http:
        run = server.trigger.start_run()
        await run.complete({"text": "x" * 10})
        [value] = values(await follow(server, http, run).fetch())
        url = (await http.get(f"/api/v1/runs/{run.id}/packets/output")).json()["presignedUrl"]
        assert (await http.get(url)).json() == {"text": "x" * 10}
    assert (value["output"], value["outputType"]) == (f"{run.id}/output", "application/store")


async def test_only_those_who_may_see_a_run_may_fetch_its_packets(server: DevServer):
    run = server.trigger.start_run()
    path = f"/api/v1/runs/{run.id}/packets/payload"
    async with client(server, server.trigger.public_token("read:runs:run_other")) as http:
        assert (await http.get(path)).status_code == 403
        assert (await http.put("/api/v2/packets/a")).status_code == 401
        assert (await http.get("/api/v1/runs/run_nobody/packets/payload")).status_code == 404


async def test_a_packet_that_is_gone_is_not_found(server: DevServer):
    async with client(server) as http:
        url = (await http.get("/api/v1/packets/gone")).json()["presignedUrl"]
        assert (await http.get(url)).status_code == 404
        assert (await http.get("/packets/gone")).status_code == 403
