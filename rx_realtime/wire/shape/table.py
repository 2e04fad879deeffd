"""Where a shape stands, what may come, and what follows: every transition, in one table.

STARTING      nothing is known: the log is asked for from its beginning
CATCHING_UP   the log is asked for from where we stand, and answered at once
LIVE          we have all there is: the server holds the question until there is news
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

__all__ = ["TABLE", "Act", "Got", "Move", "Phase"]


class Phase(StrEnum):
    """Where the shape stands."""

    STARTING = "starting"
    CATCHING_UP = "catching up"
    LIVE = "live"


class Got(StrEnum):
    """What an answer is."""

    ROWS = "rows"  # changes, and more to come
    CAUGHT_UP = "caught up"  # changes or none, and the word that these are all
    RUNNING_ON = "running on"  # that word in the middle, and changes after it
    ROTATED = "rotated"  # 409, or must-refetch: the handle is no longer served
    STALE = "stale"  # a cache answered with a handle that is no longer served
    OUT_OF_BOUNDS = "out of bounds"  # 400: the offset lies beyond the log
    UNUSABLE = "unusable"  # success, but no JSON array: somebody in between answered
    INCOMPLETE = "incomplete"  # success without a header that has to be there
    REFUSED = "refused"  # any other status


class Act(StrEnum):
    """What is done with an answer."""

    COLLECT = "collect"  # go to its position; its changes wait for the rest
    PUBLISH = "publish"  # go to its position; say what has changed
    RESTART = "restart"  # back to the beginning, what is known becomes what is compared with
    BYPASS = "bypass"  # the same question once more, past the cache
    FAIL = "fail"  # the position stays; the connection is over


class Move(NamedTuple):
    """A transition: what to do, and where that leads."""

    act: Act
    phase: Phase


_STARTING, _CATCHING_UP, _LIVE = Phase.STARTING, Phase.CATCHING_UP, Phase.LIVE

TABLE: Final[Mapping[tuple[Phase, Got], Move]] = {
    (_STARTING, Got.ROWS): Move(Act.COLLECT, _CATCHING_UP),
    (_STARTING, Got.CAUGHT_UP): Move(Act.PUBLISH, _LIVE),
    (_STARTING, Got.RUNNING_ON): Move(Act.PUBLISH, _CATCHING_UP),
    (_STARTING, Got.ROTATED): Move(Act.RESTART, _STARTING),
    (_STARTING, Got.STALE): Move(Act.BYPASS, _STARTING),
    (_STARTING, Got.OUT_OF_BOUNDS): Move(Act.FAIL, _STARTING),  # the beginning is in no log
    (_STARTING, Got.UNUSABLE): Move(Act.FAIL, _STARTING),
    (_STARTING, Got.INCOMPLETE): Move(Act.FAIL, _STARTING),
    (_STARTING, Got.REFUSED): Move(Act.FAIL, _STARTING),
    # ──
    (_CATCHING_UP, Got.ROWS): Move(Act.COLLECT, _CATCHING_UP),
    (_CATCHING_UP, Got.CAUGHT_UP): Move(Act.PUBLISH, _LIVE),
    (_CATCHING_UP, Got.RUNNING_ON): Move(Act.PUBLISH, _CATCHING_UP),
    (_CATCHING_UP, Got.ROTATED): Move(Act.RESTART, _STARTING),
    (_CATCHING_UP, Got.STALE): Move(Act.BYPASS, _CATCHING_UP),
    (_CATCHING_UP, Got.OUT_OF_BOUNDS): Move(Act.RESTART, _STARTING),
    (_CATCHING_UP, Got.UNUSABLE): Move(Act.FAIL, _CATCHING_UP),
    (_CATCHING_UP, Got.INCOMPLETE): Move(Act.FAIL, _CATCHING_UP),
    (_CATCHING_UP, Got.REFUSED): Move(Act.FAIL, _CATCHING_UP),
    # ──
    (_LIVE, Got.ROWS): Move(Act.COLLECT, _CATCHING_UP),
    (_LIVE, Got.CAUGHT_UP): Move(Act.PUBLISH, _LIVE),
    (_LIVE, Got.RUNNING_ON): Move(Act.PUBLISH, _CATCHING_UP),
    (_LIVE, Got.ROTATED): Move(Act.RESTART, _STARTING),
    (_LIVE, Got.STALE): Move(Act.BYPASS, _LIVE),
    (_LIVE, Got.OUT_OF_BOUNDS): Move(Act.RESTART, _STARTING),
    (_LIVE, Got.UNUSABLE): Move(Act.FAIL, _LIVE),
    (_LIVE, Got.INCOMPLETE): Move(Act.FAIL, _LIVE),
    (_LIVE, Got.REFUSED): Move(Act.FAIL, _LIVE),
}
