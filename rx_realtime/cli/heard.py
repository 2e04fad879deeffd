"""What is heard of a `Realtime`, each thing once."""

from __future__ import annotations

from typing import Any

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ..models import Update
from ..models.update import Received, StreamOpened
from ..sources import Realtime

__all__ = ["heard"]


def heard(rt: Realtime[Any]) -> Observable[Update]:
    """Return every update but the messages that say the chunks of a stream once more."""

    def begin(_: object) -> Observable[Update]:
        streams = set[str]()

        def is_news(update: Update) -> bool:
            if isinstance(update, StreamOpened) and update.resumes:
                streams.add(update.topic)
            return not (isinstance(update, Received) and update.message.topic in streams)

        return rt.events.pipe(ops.filter(is_news))

    return rx.defer(begin)
