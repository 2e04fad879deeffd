"""What the letters in the pictures mean."""

from progress import progress

import rx_realtime as rxr

__all__ = ["chatter", "done", "half", "lost", "progress", "start"]


def _said(topic: str, data: object) -> rxr.Update:
    return rxr.updates.Received(rxr.Message("job:1", topic, data))


start = _said("progress", 10)
half = _said("progress", 50)
done = _said("progress", 100)
chatter = _said("log", "nearly there")
lost = rxr.ConnectionLost(1006)
