"""Views of one's own: progress once a second, and the rate of messages, from one connection.

Needs a server: run `rx-realtime serve` elsewhere, and set INNGEST_DEV as it says.
"""

import asyncio

from reactivex import operators as ops

import rx_realtime as rxr


async def main() -> None:
    rt = rxr.inngest.realtime("talk:views", ["status", "artifacts"])

    rate = rt.events.pipe(
        ops.filter(lambda update: isinstance(update, rxr.updates.Received)),
        rxr.ops.buffered(1.0),
        ops.map(lambda batch: f"{len(batch)} messages in a second"),
    )
    made = rt.on("artifacts").pipe(
        rxr.ops.history(3),
        ops.map(lambda latest: "made: " + ", ".join(each.data["name"] for each in latest)),
    )
    lost = rt.events.pipe(
        ops.filter(lambda update: isinstance(update, rxr.updates.Gap)),
        ops.map(lambda gap: f"something may be missing between {gap.since} and {gap.until}"),
    )
    for view in (rate, made, lost):
        view.subscribe(print)

    await rt.connection_status.first(lambda status: status == "open")
    await rxr.inngest.send({"name": "demo/started", "data": {"id": "views"}})
    print("result:", await rt.result)


if __name__ == "__main__":
    asyncio.run(main())
