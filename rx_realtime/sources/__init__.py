"""Sources: one question, one cold observable."""

from . import inngest, trigger
from .feed import Feed
from .iteration import Iteration, Overflow
from .realtime import Realtime
from .token import Token, TokenFactory

__all__ = [
    "Feed",
    "Iteration",
    "Overflow",
    "Realtime",
    "Token",
    "TokenFactory",
    "inngest",
    "trigger",
]
