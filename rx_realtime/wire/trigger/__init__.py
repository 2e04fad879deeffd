"""Trigger.dev's dialect: run rows inside Electric's shapes, packets, tokens and scopes."""

from .address import Account

__all__ = ["Account"]
