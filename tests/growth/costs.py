"""What something costs, counted and not timed.

Counted are the functions that are called, and the memory that is taken meanwhile, which is what
copying something large would need.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from statistics import median

__all__ = ["A_FEW_BYTES", "check_flat", "cost_of"]

#: More than a message takes, and far less than a copy of ten thousand.
A_FEW_BYTES = 32_768


def calls_of(act: Callable[[], object]) -> int:
    """Count the functions that are called, in Python and in C."""
    count = 0

    def watch(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(watch)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def memory_of(act: Callable[[], object]) -> int:
    """Measure how many bytes are taken at most, beyond what was there before."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    act()
    return tracemalloc.get_traced_memory()[1] - before


def cost_of(act: Callable[[], object]) -> tuple[float, float]:
    """Return calls and bytes, each the median of some: now and then a list is moved, or cut."""
    calls = median(calls_of(act) for _ in range(51))
    tracemalloc.start()
    try:
        return calls, median(memory_of(act) for _ in range(51))
    finally:
        tracemalloc.stop()


def check_flat(act: Callable[[], object], *, early: int, late: int) -> None:
    """Fail if what is done once more costs more after so many times than after so few."""
    for _ in range(early):
        act()
    calls, _ = cost_of(act)
    for _ in range(late - early):
        act()
    later, memory = cost_of(act)
    assert calls == later
    assert memory < A_FEW_BYTES
