"""Runs one of the programs in `clients/` and reads what it says: one JSON value per line."""

from __future__ import annotations

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from rx_realtime.server.trigger import DEV_SECRET_KEY

HERE = Path(__file__).parent

# What a program says is JSON of its own choosing; the tests that read it know its shape.
Line = dict[str, Any]


class NodeClient:
    """A program that is running: what it says is read in order, and kept for the report."""

    def __init__(self, name: str, process: Process, errors: IO[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._name = name
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._errors = errors
        self.said: list[Line] = []

    async def says(self, wanted: Callable[[Line], bool] = bool, *, within: float = 10.0) -> Line:
        """Wait for the first line that is wanted, which is the next one when nothing is asked.

        Args:
            within: Seconds.
        """
        try:
            async with asyncio.timeout(within):
                while text := await self._stdout.readline():
                    line: Line = json.loads(text)
                    self.said.append(line)
                    if wanted(line):
                        return line
        except TimeoutError:
            raise AssertionError(f"waited {within} s in vain\n{self.report()}") from None
        raise AssertionError(f"it ended too early\n{self.report()}")

    def hears(self, **line: object) -> None:
        """Send the program an instruction of its own language."""
        self._stdin.write(json.dumps(line).encode() + b"\n")

    async def ends(self, *, within: float = 10.0) -> int:
        """Tell the program that the test is over, and let it end by itself.

        Returns:
            Its exit code.
        """
        self._stdin.close()
        return await self.dies(within=within)

    async def dies(self, *, within: float = 10.0) -> int:
        """Wait until the program has ended, which nobody told it to.

        Returns:
            Its exit code.
        """
        try:
            async with asyncio.timeout(within):
                return await self._process.wait()
        except TimeoutError:
            raise AssertionError(f"it did not end\n{self.report()}") from None

    async def stop(self) -> None:
        """Make sure that the program is gone, whatever state it is in."""
        self._stdin.close()
        if self._process.returncode is None:
            self._process.kill()
        # Read to the end: asyncio keeps a pipe open for as long as something is left in it.
        await self._stdout.read()
        await self._process.wait()

    def stderr(self) -> str:
        """Everything the program has complained about so far."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")

    def report(self) -> str:
        """Tell what is known of the program, for the one who reads a failure."""
        said = "\n".join(json.dumps(line) for line in self.said)
        state = "running" if self._process.returncode is None else self._process.returncode
        return f"{self._name} ({state}) said:\n{said}\nand on stderr:\n{self.stderr()}"


@asynccontextmanager
async def run_node(name: str, argument: object, *, url: str) -> AsyncIterator[NodeClient]:
    """Start `clients/<name>.js` against a server, and see that it does not survive the block."""
    mine = {name: value for name, value in os.environ.items() if not _misleads(name)}
    # A file needs nobody to read it while the program runs, and a full pipe would stop the program.
    with TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            "node",
            # Node 20 has the WebSocket of browsers behind this flag; newer ones accept it as well.
            "--experimental-websocket",
            "--no-warnings",
            f"clients/{name}.js",
            json.dumps(argument),
            cwd=HERE,
            env=mine | at_home(url),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
            limit=1 << 20,
        )
        client = NodeClient(name, process, errors)
        try:
            yield client
        finally:
            await client.stop()


def at_home(url: str) -> dict[str, str]:
    """Name all that users of the SDKs set to reach a dev server."""
    return {"INNGEST_DEV": url, "TRIGGER_API_URL": url, "TRIGGER_SECRET_KEY": DEV_SECRET_KEY}


def _misleads(name: str) -> bool:
    """Tell whether a variable of this desk would send an SDK elsewhere, or change its Node."""
    return name.startswith(("INNGEST_", "TRIGGER_")) or name == "NODE_OPTIONS"
