"""How long to wait before the next attempt: tenacity computes, nobody sleeps here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tenacity import RetryCallState, wait_chain, wait_random, wait_random_exponential
from tenacity.stop import stop_base, stop_never
from tenacity.wait import wait_base

from ..errors import OptionError, least_wait

__all__ = ["Wait", "backoff", "delay_of"]

#: A tenacity wait, or the delays themselves: when they are used up, no attempt follows.
Wait = wait_base | Sequence[float]


def backoff(shortest: float = 0.25, longest: float = 5.0) -> wait_base:
    """Make the default waits: longer before each attempt, and never in step with other clients.

    The first is a random part of `shortest`. The n-th after it lies anywhere between `shortest`
    and `min(longest, shortest * 2**n)`: where a cap would make all clients come back together,
    the dice keep them apart.

    The hook's own formula is tenacity's
    `wait_exponential_jitter(multiplier=shortest, max=longest, jitter=shortest)`.

    Args:
        shortest: seconds, at least 0.
        longest: seconds, at least `shortest`.

    Raises:
        OptionError: if these are no such times.
    """
    if not 0 <= shortest <= longest:
        raise OptionError(f"waits go from {shortest} to {longest} s: that is no range")
    return _waits(shortest, longest)


@lru_cache(maxsize=32)  # they remember nothing, and thousands of connections wait alike
def _waits(shortest: float, longest: float) -> wait_base:
    doubling = wait_random_exponential(multiplier=shortest, max=longest, min=shortest)
    return wait_chain(wait_random(0, shortest), doubling)


def delay_of(
    attempt: int, error: Exception, wait: Wait, stop: stop_base = stop_never
) -> float | None:
    """Return the wait before attempt `attempt` (1 for the first retry), or None for no more.

    What the server asks for is waited on top, so that its clients still come back spread out.
    """
    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]  # computed, never run
    state.attempt_number = attempt
    state.set_exception((type(error), error, error.__traceback__))
    if stop(state):
        return None
    if isinstance(wait, wait_base):
        return wait(state) + least_wait(error)
    return wait[attempt - 1] + least_wait(error) if attempt <= len(wait) else None
