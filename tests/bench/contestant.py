"""A contestant: a program that takes what the sender sends, and says what that cost."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .sender.orders import DISTINCT, Order

__all__ = ["Contestant", "Failed", "Result", "contestant", "npm", "sending"]

#: What a contestant prints; see `contestants/meter.py`.
Result = dict[str, Any]

ROOT: Final = Path(__file__).parent.parent.parent
#: Seconds after which a contestant will not come to an end any more.
PATIENCE: Final = 240.0


class Failed(Exception):
    """A contestant has no result."""


@dataclass(frozen=True)
class Contestant:
    """What to run, and with what. Two that are equal are run once in each round.

    Attributes:
        program: a module of `contestants/`, or a script of `node/`.
        size: how many messages it takes, or connections it opens.
        options: what the program is told besides, as pairs.
        needs: what has to be installed for it, such as "node".
        scales: whether it may be smaller in a quick run.
    """

    program: str
    size: int
    options: tuple[tuple[str, Any], ...] = ()
    needs: frozenset[str] = field(default_factory=frozenset[str])
    scales: bool = True

    @property
    def name(self) -> str:
        """What a reader calls it."""
        said = ", ".join(f"{name} {value}" for name, value in self.options)
        return f"{self.program} ({said})" if said else self.program

    async def run(self, urls: Mapping[str, str], scale: float = 1.0) -> Result:
        """Run it.

        Args:
            urls: where the senders are.
            scale: how much of its size it takes.

        Raises:
            Failed: if it ends without a result, or not at all, or something was lost.
        """
        size = max(100, round(self.size * scale)) if self.scales else self.size
        told = {**urls, "size": size, **dict(self.options)}
        process = await asyncio.create_subprocess_exec(
            *self._command(told), cwd=ROOT, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        try:
            async with asyncio.timeout(PATIENCE):
                said, errors = await process.communicate()
        except TimeoutError:
            raise Failed(f"{self.name} took longer than {PATIENCE:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode or not said:
            last = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise Failed(f"{self.name}: {' '.join(last) or 'it said nothing'}")
        result: Result = json.loads(said)
        if result["received"] < size:
            raise Failed(f"{self.name}: {result['received']} of {size} came")
        return result

    def _command(self, told: dict[str, Any]) -> list[str]:
        if "node" not in self.needs:
            module = f"{__package__}.contestants.{self.program}"
            return [sys.executable, "-m", module, json.dumps(told)]
        # What a Python program makes of its options is told to a script.
        token = Order(told["size"], told.get("rate", 0)).token
        told |= {"token": token, "distinct": DISTINCT}
        script = f"tests/bench/node/{self.program}.js"
        return ["node", "--experimental-websocket", "--no-warnings", script, json.dumps(told)]


def contestant(program: str, size: int, *, scales: bool = True, **options: Any) -> Contestant:
    """Return a contestant of this library, or of another one in Python."""
    needs = set[str]()
    if options.get("fast"):
        needs.add("fast")
    if "library" in options:
        needs.add(options["library"].partition(".")[0])
    return Contestant(program, size, tuple(options.items()), frozenset(needs), scales)


def npm(program: str, size: int, *, scales: bool = True, **options: Any) -> Contestant:
    """Return a contestant that Node runs."""
    return Contestant(program, size, tuple(options.items()), frozenset({"node"}), scales)


@asynccontextmanager
async def sending() -> AsyncIterator[dict[str, str]]:
    """Start the sender, and say where it is."""
    command = [sys.executable, "-m", f"{__package__}.sender"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()
