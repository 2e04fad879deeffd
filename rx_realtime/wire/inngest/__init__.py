"""Inngest's dialect: envelopes, the subscription, the HTTP API, addresses and keys."""

from .address import Account
from .decode_answers import Run
from .subscription import InngestWire

__all__ = ["Account", "InngestWire", "Run"]
