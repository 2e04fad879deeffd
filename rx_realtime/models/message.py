"""What a publisher sent, as the subscriber sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from ._frozen import frozen

__all__ = ["Message"]

T_co = TypeVar("T_co", covariant=True)


@frozen
@dataclass(frozen=True, slots=True)
class Message(Generic[T_co]):
    """One message on one topic.

    A slotted dataclass and not a pydantic model: many are kept, and kept models cost the garbage
    collector three times as much. Its fields carry the names of the wire, so that pydantic builds
    it straight from a frame's bytes.

    Attributes:
        data: the payload, of the topic's type where the topic has one; None is a payload too.
        created_at: when the server accepted it, to the microsecond. Messages of different topics
            may arrive in another order than they were created in.
        run_id: the run that published it, where it was published from one.
        metadata: what the publisher attached, any JSON.
    """

    channel: str
    topic: str
    data: T_co
    created_at: datetime | None = None
    run_id: str | None = None
    metadata: Any = None
    fn_id: str | None = None
    fn_slug: str | None = None
    env_id: str | None = None
    kind: Literal["data"] = field(default="data", repr=False)
