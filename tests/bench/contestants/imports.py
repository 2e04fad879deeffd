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

_TRIES: Final = 5
_IMPORT: Final = "import rx_realtime as rxr; rxr.inngest.realtime"
_TIMED: Final = f"""
import json, time
wall, cpu = time.perf_counter(), time.process_time()
{_IMPORT}
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
"""
_OTHERS: Final = f"""
import sys
{_IMPORT}
print(*(name for name in sys.modules if name.partition(".")[0] != "rx_realtime"))
"""
# What pydantic puts off until it is used is its own, too.
_OURS: Final = f"""
import importlib, sys, time
for name in sys.argv[1:]:
    if name != "__main__":
        importlib.import_module(name)
import pydantic
pydantic.SecretStr, pydantic.BaseModel, pydantic.TypeAdapter(int)
cpu = time.process_time()
{_IMPORT}
print(time.process_time() - cpu)
"""


async def imports(course: Course) -> dict[str, Any]:
    """Import everything, and import what is ours where all that it needs is there already."""
    _run("-c", _IMPORT)  # compiles, as installing does
    others = _run("-c", _OTHERS).stdout.split()
    # It is over so soon that whatever else happens shows: the least of some is what it takes.
    wall, cpu = min(json.loads(_run("-c", _TIMED).stdout) for _ in range(_TRIES))
    ours = min(float(_run("-c", _OURS, *others).stdout) for _ in range(_TRIES))
    return {"received": 1, "count": 1, "wall": wall, "cpu": cpu, "ours": ours}


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Where nothing may be compiled for later, each import would measure the compiler.
    mine = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, *arguments], env=mine, capture_output=True, text=True, check=True
    )


if __name__ == "__main__":
    run(imports)
