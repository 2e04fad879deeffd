"""The commands, and what becomes of whatever ends them."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, Final

import click

from .. import __version__
from ..errors import RealtimeError
from .clean import clean
from .demo import demo
from .draw import draw_diagrams
from .exits import Exit
from .options import Debug
from .play import play
from .publish import publish
from .running import Terminated
from .runs import runs
from .send import send
from .serve import serve
from .trigger import trigger
from .watch import watch

__all__ = ["commands", "run"]

_NAME: Final = "rx-realtime"
_QUIET: Final = logging.NullHandler()


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=_NAME)
@click.pass_context
def commands(context: click.Context) -> None:
    """The realtime of durable-workflow engines, live in a terminal.

    `rx-realtime demo` shows what this is about, and needs nothing else.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (demo, serve, watch, runs, publish, send, trigger, draw_diagrams, play):
    commands.add_command(command)


def run(args: Sequence[str]) -> int:
    """Run a command line; say in one line what went wrong; return the exit code."""
    debug = Debug()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character shows a question mark instead.
            stream.reconfigure(errors="replace")
    # Without a handler of its own, Python would write warnings over the screen.
    logging.getLogger("rx_realtime").addHandler(_QUIET)
    try:
        if "_RX_REALTIME_COMPLETE" in os.environ:
            commands.main(list(args), prog_name=_NAME)  # a shell asks how words may go on
        # Not by `main`, which has exit codes of its own.
        with commands.make_context(_NAME, list(args), obj=debug) as context:
            code: Any = commands.invoke(context)
        sys.stdout.flush()
    except BaseException as error:
        if debug.is_on and not isinstance(error, SystemExit):
            traceback.print_exc()
        return _ended(error)
    return int(code or 0)


def _ended(error: BaseException) -> Exit:
    match error:
        case click.exceptions.Exit():
            return Exit(error.exit_code)
        case click.UsageError():
            asked = error.ctx.command_path if error.ctx else _NAME
            return _said(f"{error.format_message()} ({asked} --help tells more)", Exit.USAGE)
        case click.ClickException():
            return _said(error.format_message(), Exit(error.exit_code))
        case RealtimeError():
            return _said(str(error), Exit.of_error(error))
        case BrokenPipeError():
            _close_quietly()
            return Exit.BROKEN_PIPE
        case KeyboardInterrupt() | click.Abort():
            return Exit.INTERRUPTED
        case Terminated():
            return Exit.TERMINATED
        case Exception():
            kind = type(error).__name__
            return _said(f"{kind}: {error} (a bug of ours; --debug shows where)", Exit.BUG)
        case _:
            raise error


def _said(message: str, code: Exit) -> Exit:
    click.echo(f"{_NAME}: {clean(message)}", err=True)
    return code


def _close_quietly() -> None:
    """Keep the interpreter from flushing to a reader who is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
