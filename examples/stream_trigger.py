"""Write the answer of a Trigger.dev run to the terminal as it comes, token by token.

As it is it needs nothing: a dev server acts the task out. For a project of your own set
TRIGGER_SECRET_KEY, name its task, and the stream that it writes.
"""

import asyncio
import os
from collections.abc import AsyncIterator

import rx_realtime as rxr
from rx_realtime.server import DevServer, TaskRun

TASK, QUESTION = "answer", "What is a stream?"
ANSWER = "A stream is a log: who comes late, or comes back, has missed nothing."
Ai = rxr.trigger.streams.define("ai", str)


async def tokens() -> AsyncIterator[str]:
    """What a model would say."""
    for word in ANSWER.split():
        yield f"{word} "
        await asyncio.sleep(0.05)


async def answer(run: TaskRun, _question: object) -> None:
    await Ai.pipe(run.id, tokens())


async def ask(question: str) -> None:
    handle = await rxr.trigger.trigger(TASK, {"question": question})
    async for token in Ai.read(handle.id):
        print(token, end="", flush=True)
    print(f"\n[{(await rxr.trigger.run(handle.id)).status}]")


async def main() -> None:
    if "TRIGGER_SECRET_KEY" in os.environ:
        await ask(QUESTION)
        return
    async with DevServer() as server:
        server.trigger.task(TASK)(answer)
        os.environ["TRIGGER_API_URL"] = server.url
        os.environ["TRIGGER_SECRET_KEY"] = server.trigger.secret_key.get_secret_value()
        await ask(QUESTION)


if __name__ == "__main__":
    asyncio.run(main())
