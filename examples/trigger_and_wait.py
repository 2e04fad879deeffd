"""Trigger a task of Trigger.dev and wait for what it returns, as a CI job does: no event loop.

Needs TRIGGER_SECRET_KEY, and for a dev server TRIGGER_API_URL.
"""

import sys

import rx_realtime as rxr


def main() -> int:
    triggered = rxr.trigger.trigger_and_subscribe("demo", {"item": 1})
    run = triggered.run(timeout=600)
    print(f"{run.id} {run.status} after {run.duration_ms} ms: {run.output}")
    return 0 if run.is_success else 1


if __name__ == "__main__":
    sys.exit(main())
