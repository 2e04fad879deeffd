"""The application: how far a run is, in percent."""

from collections.abc import Callable

from reactivex import Observable
from reactivex import operators as rx_ops

import rx_realtime as rxr


def progress() -> Callable[[Observable[rxr.Update]], Observable[int]]:
    """Deliver the percentages of the topic `progress`: those that rise, up to 100."""

    def _progress(updates: Observable[rxr.Update]) -> Observable[int]:
        return updates.pipe(
            rxr.ops.on_topic("progress"),
            rx_ops.map(lambda message: message.data),
            rx_ops.scan(max, 0),
            rx_ops.distinct_until_changed(),
            rx_ops.take_while(lambda percent: percent < 100, inclusive=True),
        )

    return _progress
