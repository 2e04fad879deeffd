"""Progress bars of a batch of Trigger.dev: one line per run, drawn anew whenever one changes.

Needs TRIGGER_SECRET_KEY, and for a dev server TRIGGER_API_URL. Its task `demo` says how far it is
in its metadata, `{"progress": {"percentage": 40}}`.
"""

import asyncio

import rx_realtime as rxr

WIDTH = 20


def bar(run: rxr.trigger.Run) -> str:
    metadata = run.metadata or {}
    done = 100 if run.is_success else metadata.get("progress", {}).get("percentage", 0)
    filled = WIDTH * done // 100
    return f"{run.id[:12]} {'█' * filled}{'░' * (WIDTH - filled)} {done:3}% {run.status}"


async def main() -> None:
    batch = await rxr.trigger.batch_trigger([("demo", {"item": n}) for n in range(3)])
    async for view in rxr.trigger.runs_view(batch_id=batch.id):
        print(*map(bar, view.runs), "", sep="\n")
        if len(view.runs) == batch.run_count and all(run.is_terminal for run in view.runs):
            break


if __name__ == "__main__":
    asyncio.run(main())
