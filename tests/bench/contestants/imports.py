"""`import rx_realtime` in a fresh process: how long it takes, and how much of that is ours.

An engine is loaded with its first use; what a program waits for before it can listen is both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final

from tests.bench.contestants.course import Course, run

_IMPORT: Final = "import rx_realtime as rxr; rxr.inngest.realtime"
_TIMED: Final = f"""
import json, time
wall, cpu = time.perf_counter(), time.process_time()
{_IMPORT}
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
"""


async def imports(course: Course) -> dict[str, Any]:
    """Import once for the clock, and once more for what each module takes by itself."""
    _run("-c", _IMPORT)  # compiles, as installing does
    wall, cpu = json.loads(_run("-c", _TIMED).stdout)
    rows = _run("-X", "importtime", "-c", _IMPORT).stderr.splitlines()
    parts = [row.removeprefix("import time:").split("|") for row in rows[1:]]
    ours = [int(own) for own, _, name in parts if name.strip().startswith("rx_realtime")]
    return {"received": 1, "count": 1, "wall": wall, "cpu": cpu, "ours": sum(ours) / 1e6}


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Where nothing may be compiled for later, each import would measure the compiler.
    mine = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, *arguments], env=mine, capture_output=True, text=True, check=True
    )


if __name__ == "__main__":
    run(imports)
