"""What a publisher sent, as the subscriber sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, TypeVar, final

from msgspec import Struct

__all__ = ["Message"]

T_co = TypeVar("T_co", covariant=True)


@final
class Message(Struct, Generic[T_co], frozen=True, gc=False, tag_field="kind", tag="data"):
    """One message on one topic.

    A struct, because one is made of every frame and many are kept: its fields carry the names of
    the wire, so that it is built straight from a frame's bytes, and it holds nothing else.

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
    kind: ClassVar[Literal["data"]] = "data"
