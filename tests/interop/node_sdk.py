"""The npm SDK of Trigger.dev as one program for a whole session of tests: starting it takes long.

What a test wants of it is one call after the other, so nothing of one test is left for the next.
"""

from __future__ import annotations

import asyncio
import json
import os
from subprocess import DEVNULL, PIPE, Popen
from typing import Any

from tests.interop.node_client import HERE

_PATIENCE = 10.0


class NodeSdk:
    """Calls functions of the SDK: `await sdk("runs.retrieve", run_id)`."""

    def __init__(self) -> None:
        self._program: Popen[str] | None = None
        self._server: tuple[str, str] = "", ""

    def use(self, url: str, key: str) -> NodeSdk:
        """Send the next calls to a server, with a key."""
        self._server = url, key
        return self

    async def __call__(self, name: str, *args: object, token: str | None = None) -> Any:
        """Return what a function returns, or `{"refused", "status"}` when it throws.

        Args:
            token: instead of the server's secret key.
        """
        url, key = self._server
        line = {"call": name, "args": args, "baseURL": url, "accessToken": token or key}
        try:
            async with asyncio.timeout(_PATIENCE):
                said = json.loads(await asyncio.to_thread(self._ask, json.dumps(line)))
        except TimeoutError:
            self.stop()  # whatever it says later is no answer to the next question
            raise AssertionError(f"{name} took longer than {_PATIENCE} s") from None
        return said.get("result", said)

    def stop(self) -> None:
        """End the program."""
        if self._program is not None:
            self._program.kill()
            self._program.communicate()
            self._program = None

    def _ask(self, line: str) -> str:
        if self._program is None:
            mine = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
            self._program = Popen(
                ["node", "--no-warnings", "clients/trigger-sdk.js"],
                cwd=HERE,
                env=mine,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                text=True,
                encoding="utf-8",
            )
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(line + "\n")
        self._program.stdin.flush()
        return self._program.stdout.readline() or '{"refused": "the program has ended"}'
