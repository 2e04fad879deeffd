"""Realtime of durable-workflow engines as ReactiveX observables.

    import rx_realtime as rxr

    rt = rxr.inngest.realtime("pipeline:42", topics=["status", "tokens"])
    rt.run_status.subscribe(print)

`rxr.inngest` talks to Inngest and `rxr.trigger` to Trigger.dev; `rxr.ops` holds the operators that
everything is made of.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import operators as ops
    from .errors import (
        ConnectFailed,
        ConnectionLost,
        Forbidden,
        FrameTooLarge,
        Incomplete,
        LocalError,
        NotAuthorized,
        NotFound,
        OptionError,
        Overflowed,
        PayloadError,
        RealtimeError,
        Refused,
        RemoteError,
        Stalled,
        TokenError,
        TokenFactoryError,
        Unfinished,
        WireError,
        is_retryable,
    )
    from .models import (
        ByTopic,
        Channel,
        ConnectionStatus,
        History,
        Message,
        Messages,
        PauseReason,
        RealtimeState,
        RunStatus,
        SubscriptionToken,
        Topic,
        TopicRef,
        Update,
        reduce_state,
    )
    from .models import update as updates
    from .operators import Datastream
    from .sources import (
        Feed,
        Iteration,
        MergedRuns,
        Overflow,
        Realtime,
        RunUpdate,
        Token,
        TokenFactory,
        inngest,
        merge_runs,
        trigger,
    )
    from .transports import Settings
else:
    # Who imports the package pays for what is used of it, and not for all of it. The rooms are
    # searched from the lowest floor up: what is found higher needs those below it.
    from ._menu import late

    __getattr__, __dir__ = late(
        __name__,
        "errors",
        "models",
        "operators",
        "transports",
        "sources",
        ops="operators",
        updates="models.update",
        inngest="sources.inngest",
        trigger="sources.trigger",
    )

__version__ = "0.1.0"

__all__ = [
    # sources
    "inngest",
    "trigger",
    "merge_runs",
    "MergedRuns",
    "RunUpdate",
    "Realtime",
    "Feed",
    "Iteration",
    "Overflow",
    "Settings",
    "Token",
    "TokenFactory",
    # channels and what comes through them
    "Channel",
    "Topic",
    "TopicRef",
    "Message",
    "Messages",
    "ByTopic",
    "History",
    "Datastream",
    "SubscriptionToken",
    # state and updates
    "RealtimeState",
    "ConnectionStatus",
    "RunStatus",
    "PauseReason",
    "Update",
    "updates",
    "reduce_state",
    # operators
    "ops",
    # errors
    "RealtimeError",
    "LocalError",
    "OptionError",
    "TokenError",
    "PayloadError",
    "Overflowed",
    "Unfinished",
    "TokenFactoryError",
    "RemoteError",
    "ConnectFailed",
    "ConnectionLost",
    "Incomplete",
    "Stalled",
    "FrameTooLarge",
    "WireError",
    "Refused",
    "NotAuthorized",
    "Forbidden",
    "NotFound",
    "is_retryable",
    "__version__",
]
