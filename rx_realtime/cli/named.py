"""Runs as they are named on a command line."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final, Self

import click

from ..sources import Token

__all__ = ["Named", "checked_key", "is_run_id", "where"]

_RUN_ID: Final = re.compile(r"run_\w+")


@dataclass(frozen=True, slots=True)
class Named:
    """A run of Trigger.dev, or topics of a channel of Inngest.

    Attributes:
        name: the run's id, or the channel.
        topics: none of a run.
        run_id: the channel's run, where that was named.
    """

    name: str
    topics: tuple[str, ...] = ()
    run_id: str | None = None

    @property
    def is_run(self) -> bool:
        """Whether it is a run of Trigger.dev."""
        return not self.topics

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `run_…`, or `CHANNEL=TOPIC,…`, or `CHANNEL=TOPIC,…@RUN_ID`.

        Raises:
            BadParameter: if it is neither.
        """
        if is_run_id(text):
            return cls(text)
        channel, _, told = text.rpartition("=")
        listed, at, run_id = told.partition("@")
        topics = tuple(listed.split(","))
        if not channel or not all(topics) or (at and not run_id):
            raise click.BadParameter(f"{text!r} is no run_…, and no CHANNEL=TOPIC,…[@RUN_ID]")
        return cls(channel, topics, run_id or None)


def is_run_id(text: str) -> bool:
    """Whether it is the id of a run of Trigger.dev."""
    return _RUN_ID.fullmatch(text) is not None


def checked_key(token: Token | None) -> None:
    """Say at once that there is no key.

    Raises:
        UsageError: if neither the options nor the environment name one.
    """
    names = ("TRIGGER_SECRET_KEY", "TRIGGER_ACCESS_TOKEN")
    if token is None and not any(map(os.environ.get, names)):
        raise click.UsageError("set TRIGGER_SECRET_KEY, or name a token")


def where(url: str | None) -> str:
    """Say where runs are."""
    return f"Trigger.dev at {url}" if url else "Trigger.dev"
