"""Standard input as it comes, without keeping anybody from leaving."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator
from typing import Final

__all__ = ["pieces"]

_PIECE: Final = 1024


async def pieces() -> AsyncIterator[str]:
    """Deliver text as soon as it is written, until standard input ends.

    A thread reads, because not every input can be waited for: files cannot. It is a daemon that
    reads past Python's buffer, so that Ctrl-C need not wait for the next key.
    """
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[bytes] = asyncio.Queue(maxsize=1)
    descriptor = sys.stdin.fileno()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is over, and nobody waits any more
            while True:
                piece = os.read(descriptor, _PIECE)
                asyncio.run_coroutine_threadsafe(waiting.put(piece), loop).result()
                if not piece:
                    return

    threading.Thread(target=read, name="stdin", daemon=True).start()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while piece := await waiting.get():
        if text := decoder.decode(piece):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text
