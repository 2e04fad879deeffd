"""Write a text stream to the terminal as it comes, token by token.

Needs a server: run `rx-realtime serve` elsewhere, and set INNGEST_DEV as it says.
"""

import asyncio

import rx_realtime as rxr


async def main() -> None:
    rt = rxr.inngest.realtime("talk:stream", ["summary"])
    async with rt:
        await rt.connection_status.first(lambda status: status == "open")
        await rxr.inngest.send({"name": "demo/started", "data": {"id": "stream"}})

        async for stream in rt.streams("summary"):
            async for text in stream.chunks:
                print(text, end="", flush=True)
            print()


if __name__ == "__main__":
    asyncio.run(main())
