"""Wait for a run in a script, without a loop: exit with 0 only if it completed.

Asks the REST API, so it works on every Inngest server. Needs INNGEST_DEV, or the keys.
"""

import sys

import rx_realtime as rxr


def main() -> int:
    (event_id,) = rxr.inngest.send({"name": "demo/started", "data": {"id": "ci"}}).run(timeout=10)
    (started,) = rxr.inngest.runs(event_id).run(timeout=10)
    print("waiting for", started.run_id)
    try:
        run = rxr.inngest.run(started.run_id).run(timeout=600)
    except rxr.Unfinished:
        print("it takes too long", file=sys.stderr)
        return 3
    print(run.run_status, run.output)
    return 0 if run.run_status is rxr.RunStatus.COMPLETED else 1


if __name__ == "__main__":
    sys.exit(main())
