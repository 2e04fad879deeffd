"""How soon who is answered may ask again."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from ..models import CaughtUp, Closed, Restarted, Update

__all__ = ["Pace"]

_ROUNDING = 1e-3  # seconds: more than clocks are rounded to


class Pace:
    """How soon the next question may follow: never five in a second, unless there is news.

    After news, or after an answer that took its time, at once: the server holds a question until
    there is something to say. Answers that come at once and say nothing are a server, or a cache
    before it, that does not; from the third in a row each is waited for longer. What a server
    says again because it began anew is no news, and for a while nothing after it is.
    """

    #: Seconds from which on an answer took its time.
    HELD = 1.0
    #: Seconds between two questions, at most; and in which a server that began anew is not trusted.
    LONGEST = 5.0
    #: Questions in a second.
    MOST = 4

    def __init__(self) -> None:
        self._idle = 0
        self._asked: deque[float] = deque(maxlen=self.MOST)
        self._restarted = -math.inf
        self._is_news = True

    def wait(self, now: float) -> float:
        """Return how many seconds from `now`, a time in seconds, the next question must wait."""
        if self._is_news or not self._asked:
            return 0.0
        between = 0.0 if self._idle < 3 else min(self.LONGEST, 2.0 ** (self._idle - 3))
        soonest = self._asked[-1] + between
        if len(self._asked) == self.MOST:
            soonest = max(soonest, self._asked[0] + 1.0 + _ROUNDING)
        return max(0.0, soonest - now)

    def asked(self, now: float) -> None:
        """Take note of a question."""
        self._asked.append(now)
        self._is_news = False

    def answered(self, now: float, updates: Iterable[Update]) -> None:
        """Take note of an answer, and of what it says."""
        kinds = set(map(type, updates))
        if Restarted in kinds:
            self._restarted = now
        is_new = not kinds <= {CaughtUp, Restarted, Closed}
        self._is_news = is_new and now - self._restarted > self.LONGEST
        if self._is_news or (self._asked and now - self._asked[-1] >= self.HELD):
            self._idle = 0
        else:
            self._idle += 1
