"""Sources: one question, one cold observable."""

from typing import TYPE_CHECKING

from .feed import Feed
from .iteration import Iteration, Overflow
from .merging import MergedRuns, RunUpdate, merge_runs
from .realtime import Realtime
from .token import Token, TokenFactory

if TYPE_CHECKING:
    from . import inngest, trigger
else:
    # Who talks to one engine does not load the other.
    from .._menu import late

    __getattr__, __dir__ = late(__name__, inngest="inngest", trigger="trigger")

__all__ = [
    "Feed",
    "Iteration",
    "MergedRuns",
    "Overflow",
    "Realtime",
    "RunUpdate",
    "Token",
    "TokenFactory",
    "inngest",
    "merge_runs",
    "trigger",
]
