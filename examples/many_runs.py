"""A service that reacts to many runs at once: one table of their progress.

Needs a server: run `rx-realtime serve` elsewhere, and set INNGEST_DEV as it says.
"""

import asyncio

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

import rx_realtime as rxr

TALKS = ["monday", "tuesday", "wednesday"]


def progress(talk: str) -> Observable[tuple[str, int]]:
    """Start a run once we listen, and deliver its percents until it is over."""
    rt = rxr.inngest.realtime(f"talk:{talk}", ["status"])
    event = {"name": "demo/started", "data": {"id": talk}}
    start = rt.connection_status.pipe(
        ops.filter(lambda status: status == "open"),
        ops.take(1),
        ops.flat_map(lambda _: rxr.inngest.send(event)),
        ops.ignore_elements(),
    )
    percents = rt.on("status").pipe(ops.map(lambda message: (talk, message.data["percent"])))
    return rx.merge(percents, start)


async def main() -> None:
    table = rxr.Feed(
        rx.merge(*map(progress, TALKS)).pipe(
            ops.scan(lambda table, change: {**table, change[0]: change[1]}, dict[str, int]()),
            ops.distinct_until_changed(),
        )
    )
    async for row in table.iterate(overflow="latest"):
        print("  ".join(f"{talk} {percent:3} %" for talk, percent in sorted(row.items())))


if __name__ == "__main__":
    asyncio.run(main())
