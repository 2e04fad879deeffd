"""`import rx_realtime` in a fresh process: how long it takes, and how much of that is ours.

An engine is loaded with its first use; what a program waits for before it can listen is both.
"""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from tests.bench.contestants.course import Course, run

_WHAT = "import rx_realtime as rxr; rxr.inngest.realtime"


async def imports(course: Course) -> dict[str, Any]:
    """Import once for the clock, and once more for what each module takes by itself."""
    command = [sys.executable, "-X", "importtime", "-c", _WHAT]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr  # noqa: ASYNC221
    rows = [line.removeprefix("import time:").split("|") for line in said.splitlines()]
    ours = [int(own) for own, _, name in rows[1:] if name.strip().startswith("rx_realtime")]
    begin, cpu = time.perf_counter(), time.process_time()
    exec(_WHAT, {})  # noqa: S102
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    return {"received": 1, "count": 1, "wall": wall, "cpu": cpu, "ours": sum(ours) / 1e6}


if __name__ == "__main__":
    run(imports)
