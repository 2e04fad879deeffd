"""One test against a server: that the topic is the one that the run publishes on."""

import threading
from typing import Any

from progress import progress

import rx_realtime as rxr


def test_it_follows_a_run(rx_dev_server: Any) -> None:
    server, seen, done = rx_dev_server, [], threading.Event()
    updates = rxr.inngest.subscribe("job:1", ["progress"], api_base_url=server.url)
    updates.pipe(progress()).subscribe(seen.append, on_completed=done.set)

    server.call(server.inngest.until_connections, 1)
    run = server.call(server.inngest.start_run, "job")
    for percent in (10, 50, 100):
        server.call(run.publish, "progress", percent, channel="job:1")

    assert done.wait(10)
    assert seen == [10, 50, 100]
