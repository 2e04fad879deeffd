"""Two connections that say the same things, and what each of them says first."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from typing import Final

from ..models import Received, Update

__all__ = ["Both"]

_MOST: Final = 10_000  # of a topic, for as long as nobody knows when the new one will open


class Both:
    """Tells which updates of two connections came first, while both say the same things.

    A topic's updates come in one order on both; topics may overtake each other. The new one begins
    somewhere in what the old one says: where that is, its first words tell.
    """

    def __init__(self, key: Callable[[Update], Hashable], old: object) -> None:
        self.is_open = False  # the new one is, so that it will say all that the old one says
        self._key = key
        self._old = old
        # By topic: what the old one said before, and how often more it said something since.
        self._before: defaultdict[str | None, deque[Hashable]] = defaultdict(_words)
        self._ahead: defaultdict[str | None, Counter[Hashable]] = defaultdict(Counter)

    def is_first(self, connection: object, update: Update) -> bool:
        """Whether this connection is the one that says it first."""
        said, topic = self._key(update), _topic_of(update)
        ahead = self._ahead[topic]
        if connection is self._old:
            if not self.is_open:
                self._before[topic].append(said)
                return True
            ahead[said] += 1
            return ahead[said] > 0
        before = list(self._before.pop(topic, ()))
        if said in before and ahead[said] <= 0:
            ahead.update(before[_last(said, before) :])
        ahead[said] -= 1
        return ahead[said] < 0


def _words() -> deque[Hashable]:
    return deque(maxlen=_MOST)


def _last(said: Hashable, words: list[Hashable]) -> int:
    """Return the last place: rather something is repeated than taken for a repetition and lost."""
    return len(words) - 1 - words[::-1].index(said)


def _topic_of(update: Update) -> str | None:
    return update.message.topic if isinstance(update, Received) else getattr(update, "topic", None)
