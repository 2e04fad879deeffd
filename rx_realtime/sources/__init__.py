"""Sources: one question, one cold observable."""

from . import inngest, trigger
from .feed import Feed
from .iteration import Iteration, Overflow
from .merging import MergedRuns, RunUpdate, merge_runs
from .realtime import Realtime
from .token import Token, TokenFactory

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
