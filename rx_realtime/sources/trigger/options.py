"""What may be said about a run before it is triggered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...errors import OptionError
from ...wire.trigger.feeds import spell_duration

__all__ = ["TriggerOptions", "trigger_options"]

MAX_TAGS = 10
MAX_TAG = 128


@dataclass(frozen=True, kw_only=True)
class TriggerOptions:
    """Options of a run, all of which may be left out.

    Attributes:
        tags: up to ten.
        idempotency_key: a run that was triggered with the same one is returned instead of a new.
        idempotency_key_ttl: for how long, such as "1h" or a timedelta.
        delay: when it is to begin: after a duration, or at a time.
        ttl: it expires when it has not begun by then.
        metadata: any JSON object.
        max_duration: seconds of computing.
        machine: a preset, such as "small-1x".
        more: anything else, in the words of the wire.
    """

    tags: str | Iterable[str] = ()
    idempotency_key: str | None = None
    idempotency_key_ttl: str | timedelta | None = None
    delay: str | timedelta | datetime | None = None
    ttl: str | timedelta | None = None
    queue: str | None = None
    concurrency_key: str | None = None
    max_attempts: int | None = None
    max_duration: int | None = None
    metadata: Mapping[str, Any] | None = None
    machine: str | None = None
    priority: int | None = None
    region: str | None = None
    version: str | None = None
    test: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def wire(self) -> dict[str, Any]:
        """Return the options in the words of the wire.

        Raises:
            OptionError: if one cannot be used.
        """
        tags = [self.tags] if isinstance(self.tags, str) else list(self.tags)
        if len(tags) > MAX_TAGS or not all(0 < len(tag) <= MAX_TAG for tag in tags):
            raise OptionError(f"a run has at most {MAX_TAGS} tags of 1 to {MAX_TAG} characters")
        delay = self.delay
        said = {
            "tags": tags or None,
            "idempotencyKey": self.idempotency_key,
            "idempotencyKeyTTL": _duration(self.idempotency_key_ttl),
            "delay": delay.isoformat() if isinstance(delay, datetime) else _duration(delay),
            "ttl": _duration(self.ttl),
            "queue": None if self.queue is None else {"name": self.queue},
            "concurrencyKey": self.concurrency_key,
            "maxAttempts": self.max_attempts,
            "maxDuration": self.max_duration,
            "metadata": None if self.metadata is None else dict(self.metadata),
            "machine": self.machine,
            "priority": self.priority,
            "region": self.region,
            "lockToVersion": self.version,
            "test": self.test,
        }
        return {**{name: value for name, value in said.items() if value is not None}, **self.more}


def trigger_options(given: TriggerOptions | None) -> dict[str, Any]:
    """Return options in the words of the wire."""
    return {} if given is None else given.wire()


def _duration(given: str | timedelta | None) -> str | None:
    return None if given is None else spell_duration(given)
