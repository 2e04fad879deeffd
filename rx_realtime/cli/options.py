"""Options that several commands have."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from ..transports import Settings

__all__ = ["Debug", "debug_option", "seconds", "server_options", "settings_of"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Debug:
    """Whether an error shows where it was raised."""

    is_on: bool = False


def seconds(text: str) -> float:
    """Read a time that can be waited."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise click.BadParameter(f"{text!r} is no number of seconds")
    return value


def debug_option(command: F) -> F:
    """Add `--debug`."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        ctx.ensure_object(Debug).is_on = value

    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Show where an error comes from.",
    )(command)


def server_options(command: F) -> F:
    """Add what says which server, and how it may be reached."""
    for option in (
        click.option(
            "--ca-file",
            type=click.Path(exists=True, dir_okay=False),
            help="Certificates to trust instead of the system's.",
        ),
        click.option(
            "--allow-insecure",
            is_flag=True,
            help="Allow plain HTTP to another machine: the token travels in the clear.",
        ),
        click.option(
            "--url",
            "--api-base-url",
            "url",
            metavar="URL",
            help="The server; by default what INNGEST_* or TRIGGER_* variables say.",
        ),
    ):
        command = option(command)
    return debug_option(command)


def settings_of(*, allow_insecure: bool, ca_file: str | None) -> Settings:
    """Return what the options say."""
    return Settings(allow_insecure=allow_insecure, ca_file=ca_file)
