"""The Trigger.dev side of the server: what its endpoints share, and what a program may do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import SecretStr
from reactivex import abc

from ...wire.trigger.claims import TOKEN_LIFETIME, PublicClaims
from ...wire.trigger.encode_packets import Packet, encode_packet
from ..clock import Clock
from .batches import Batches
from .faults import TriggerFaults
from .handles import Handles
from .ids import DEV_ENVIRONMENT
from .keys import Keys
from .limits import TriggerLimits
from .memory import Memory
from .packets import PacketStore
from .polls import Polls
from .runs import TaskRun
from .store import Runs
from .stream_store import Streams, StreamsVersion
from .tasks import Task, Tasks

__all__ = ["Trigger"]

T = TypeVar("T", bound=Task)


class Trigger:
    """A Trigger.dev server whose runs are acted out.

    Use it in the server's event loop. From another thread, go through `DevServer.call`.

    Args:
        secret_key: the environment's root key: clients show it, and sign tokens with it. By
            default one that everybody knows.
        additional_keys: further secret keys, which cannot sign tokens.
        limits: bounds and beats.
        scheduler: whose time passes where streams are written and read; by default the world's.
    """

    def __init__(
        self,
        *,
        secret_key: SecretStr | str | None = None,
        additional_keys: Collection[SecretStr | str] = (),
        limits: TriggerLimits | None = None,
        scheduler: abc.SchedulerBase | None = None,
    ) -> None:
        self.env = DEV_ENVIRONMENT
        self.limits = limits or TriggerLimits()
        more = [_secret(key) for key in additional_keys]
        self.keys = Keys(None if secret_key is None else _secret(secret_key), more)
        self.runs = Runs(self.limits, Clock(scheduler))
        self.batches = Batches()
        self.tasks = Tasks()
        self.handles = Handles()
        self.polls = Polls()
        self.triggered = Memory()
        self.faults = TriggerFaults(self.handles, self.keys, self.runs.wake_all)
        self.closing = asyncio.Event()

    @property
    def packets(self) -> PacketStore:
        """What is too large for the rows of runs."""
        return self.runs.packets

    @property
    def streams(self) -> Streams:
        """The streams of all runs. One of a run's own is `run.stream(key)`."""
        return self.runs.streams

    @property
    def secret_key(self) -> SecretStr:
        """What clients are to be given as `TRIGGER_SECRET_KEY`."""
        return self.keys.secret_key

    # ── tokens ────────────────────────────────────────────────────────────────────────────────

    def public_token(
        self,
        *scopes: str,
        lifetime: float = TOKEN_LIFETIME,
        skip_columns: Iterable[str] | None = None,
        one_time: bool = False,
    ) -> SecretStr:
        """Mint a public access token.

        Args:
            scopes: `action:type[:id]` each, as `read:runs:run_…`.
            lifetime: seconds. A negative one makes a token that has expired already.
            skip_columns: columns that its holder is never shown.
            one_time: it triggers once.
        """
        skipped = None if skip_columns is None else tuple(skip_columns)
        claims = PublicClaims(env=self.env, scopes=scopes, skip_columns=skipped, one_time=one_time)
        return SecretStr(self.keys.mint(claims, expires_at=int(time.time() + lifetime)))

    # ── runs ──────────────────────────────────────────────────────────────────────────────────

    def start_run(
        self,
        task: str = "demo",
        payload: Any = None,
        *,
        tags: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        batch_id: str | None = None,
        status: str = "PENDING",
        parent: TaskRun | None = None,
        streams_version: StreamsVersion = "v2",
    ) -> TaskRun:
        """Start a run that does nothing until told.

        Args:
            payload: anything that JSON can say.
            batch_id: the batch it belongs to, as `create_batch` returned it.
            status: where it stands at first, in the database's words; by default in the queue.
            parent: the run that triggered it.
            streams_version: in which dialect its streams are read; by default the one that current
                SDKs ask for when they trigger a run.

        Raises:
            LocalError: if there are too many that are not over yet.
        """
        said = encode_packet(payload)
        about = Packet(None) if metadata is None else encode_packet(dict(metadata))
        run = self.runs.create(
            task,
            batch_id=batch_id,
            status=status,
            payload=said.data,
            payload_type=said.type,
            metadata=about.data,
            metadata_type=about.type,
            run_tags=tuple(dict.fromkeys(tags)),
            parent=parent,
            streams_version=streams_version,
        )
        batch = None if batch_id is None else self.batches.get(batch_id)
        if batch is not None:
            batch.runs[len(batch.runs)] = run.id
        return run

    def create_batch(self, run_count: int = 1) -> str:
        """Make a batch, for runs that are started in it; return its id."""
        return self.batches.create(run_count).id

    def task(self, name: str) -> Callable[[T], T]:
        """Act out each run of a task by the decorated coroutine function.

        It is called with its `TaskRun` and the payload as a Python value. What it returns
        completes the run, what it raises fails it; a run that is canceled has it cancelled.
        """

        def decorate(function: T) -> T:
            self.tasks.add(name, function)
            return function

        return decorate

    def run(self, run_id: str) -> TaskRun | None:
        """Return a run."""
        return self.runs.get(run_id)

    # ── the end ───────────────────────────────────────────────────────────────────────────────

    async def drain(self) -> None:
        """Let nobody in any more; answer the live polls, and cancel the runs that are acted out."""
        self.closing.set()
        await self.tasks.stop()
        await self.polls.until(0)

    def reopen(self) -> None:
        """Let everybody in again."""
        self.closing.clear()


def _secret(given: SecretStr | str) -> SecretStr:
    return SecretStr(given) if isinstance(given, str) else given
