"""Start a run and follow it: connection, progress, result.

Needs a server: run `rx-realtime serve` elsewhere, and set INNGEST_DEV as it says.
"""

import asyncio

from pydantic import BaseModel

import rx_realtime as rxr


class Status(BaseModel):
    message: str
    percent: int


class Talk(rxr.Channel, name="talk:{talk_id}"):
    talk_id: str
    status = rxr.Topic(Status)


async def main() -> None:
    talk = Talk(talk_id="follow")
    rt = rxr.inngest.realtime(talk)
    rt.connection_status.subscribe(lambda status: print(f"[{status}]"))

    await rt.connection_status.first(lambda status: status == "open")
    await rxr.inngest.send({"name": "demo/started", "data": {"id": talk.talk_id}})

    async for message in rt.on(Talk.status):
        print(f"{message.data.percent:3} %  {message.data.message}")

    print(rt.current.run_status, await rt.result)


if __name__ == "__main__":
    asyncio.run(main())
