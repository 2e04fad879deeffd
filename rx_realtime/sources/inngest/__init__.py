"""Inngest: listen to a run, observe it, publish, mint tokens, send events."""

from ...wire.inngest import Run
from .minting import client_subscription_token, subscription_token
from .publishing import publish, publish_text, tee
from .realtime import realtime, subscribe
from .runs import cancel, run, runs, send

__all__ = [
    "Run",
    "cancel",
    "client_subscription_token",
    "publish",
    "publish_text",
    "realtime",
    "run",
    "runs",
    "send",
    "subscribe",
    "subscription_token",
    "tee",
]
