"""A dev server in a thread, and command lines that run beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rx_realtime.cli.app import run
from rx_realtime.server import DevServer
from tests.cli.commands import Command, Done


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own environment out."""
    for name in [name for name in os.environ if name.startswith(("INNGEST_", "TRIGGER_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def background() -> Iterator[DevServer]:
    """A dev server that runs while this thread is busy with a command."""
    with DevServer() as server:
        yield server


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run command lines in this process."""

    def call(*args: str) -> Done:
        code = run(args)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return call
