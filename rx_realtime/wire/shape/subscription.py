"""The shape wire: Electric's log of rows, asked for answer by answer, as a value.

What always holds, and the tests name:

- *a position has a handle*: an offset other than the first is of the log of one handle;
- *live means caught up*: the server may hold a question only when we have all there is;
- *an expired handle is never asked for again*;
- *whole batches*: what subscribers know changes only when the server says that it is complete;
- *a failure moves nothing*: the same question is asked again afterwards;
- *nothing is said twice*: a row that is as it was known is not said to have changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import quote, urlencode

from msgspec import Struct, field
from msgspec.structs import replace

from ...errors import ConnectFailed, Refused, RemoteError, WireError
from ...models import Closed, Invalid, SubscriptionToken
from ..base import Opening, Request, Response, Step
from ..refusals import refused
from .answer import Answer, read_answer
from .columns import Schema
from .position import BEGINNING, Position, Trouble
from .rows import IsOlder, Rows, Words
from .table import TABLE, Act, Got, Phase

__all__ = ["CATCH_UP_TIMEOUT", "LIVE_TIMEOUT", "ShapeWire"]

#: Seconds that an answer may take: the server holds a live question for about 20.
LIVE_TIMEOUT: Final = 45.0
CATCH_UP_TIMEOUT: Final = 30.0

_UNKNOWN: Final = Schema.of({})

MAX_ROTATIONS: Final = 10
MAX_STALE: Final = 4
MAX_UNUSABLE: Final = 3


class ShapeWire(Struct, frozen=True):
    """A shape, and where we stand in its log.

    Attributes:
        url: where it is served.
        params: what makes it this shape.
        headers: what every question carries.
        nonce: something no other subscriber has, for going past caches.
        is_older: tells rows that must not replace newer ones; None takes every row.
        words: how changes are said.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    nonce: str = ""
    is_older: IsOlder | None = None
    words: Words = Words()
    position: Position = field(default_factory=Position)
    trouble: Trouble = field(default_factory=Trouble)
    rows: Rows = field(default_factory=Rows)

    def open(self, token: SubscriptionToken) -> Opening[Self]:
        """Ask for what comes next."""
        at, trouble = self.position, self.trouble
        query = {**self.params, "log": "full", "offset": at.offset}
        if at.handle is not None:
            query["handle"] = at.handle
        if at.phase is Phase.LIVE:
            query["live"] = "true"
        if at.phase is Phase.LIVE or at.cursor:
            query["cursor"] = at.cursor
        if at.expired is not None and trouble.stale < MAX_STALE:
            query["expired_handle"] = at.expired
        if trouble.bypassing:
            query["cache-buster"] = f"{self.nonce}-{trouble.bypasses}"
        is_live = at.phase is Phase.LIVE
        request = Request(
            f"{self.url}?{urlencode(sorted(query.items()), quote_via=quote)}",
            headers=self.headers,
            token=token.key,
            timeout=LIVE_TIMEOUT if is_live else CATCH_UP_TIMEOUT,
        )
        return Opening(self, request)

    def receive(self, got: Response) -> Step[Self]:
        """Understand an answer. Where it ends the connection, the last update says why."""
        at = self.position
        answer = read_answer(
            got,
            is_live=at.phase is Phase.LIVE,
            schema=at.schema,
            expired=at.expired,
        )
        act, phase = TABLE[at.phase, answer.got]
        match act:
            case Act.COLLECT | Act.PUBLISH:
                return self._advance(answer, phase, publish=act is Act.PUBLISH)
            case Act.RESTART:
                return self._restart(answer, got)
            case Act.BYPASS:
                return self._bypass()
            case _:
                return self._fail(answer, got)

    def rested(self) -> Self:
        """Return the wire of who was away: it asks for what it missed before it waits for news."""
        if self.position.phase is not Phase.LIVE:
            return self
        return replace(self, position=replace(self.position, phase=Phase.CATCHING_UP))

    # ── what is done with an answer ───────────────────────────────────────────────────────────

    def _advance(self, answer: Answer, phase: Phase, *, publish: bool) -> Step[Self]:
        at, marks, batch = self.position, answer.marks, answer.batch
        handle = at.handle if marks.handle is None else marks.handle
        offset = at.offset if marks.offset is None else marks.offset
        if handle is None or offset == BEGINNING:  # an empty answer that says nothing else
            return self._closed(WireError("the answer does not say where it ends"))
        schema = marks.schema
        rows, updates = self.rows.take(batch.changes, schema or _UNKNOWN, self.is_older)
        if batch.malformed:
            updates += (Invalid(f"{batch.malformed} changes that are none"),)
        if publish:
            rows, news = rows.publish(self.words)
            updates += news
        cursor = at.cursor if marks.cursor is None else marks.cursor
        position = Position(phase, offset, handle, cursor, schema, at.expired)
        was_live = at.phase is Phase.LIVE
        trouble = Trouble(
            # A log that is only begun anew and anew proves nothing; an answer to a wait does.
            rotations=0 if was_live else self.trouble.rotations,
            bypasses=self.trouble.bypasses,
        )
        return Step(replace(self, position=position, trouble=trouble, rows=rows), updates)

    def _restart(self, answer: Answer, got: Response) -> Step[Self]:
        at, trouble = self.position, self.trouble
        rotations = trouble.rotations + 1
        if answer.got is Got.OUT_OF_BOUNDS and rotations > 1:
            return self._closed(refused(got))
        expired = at.expired if at.handle is None else at.handle
        offered = answer.marks.handle
        handle = None if offered in (at.handle, at.expired) else offered
        rows, updates = self.rows.restart()
        wire = replace(
            self,
            position=Position(handle=handle, expired=expired),
            trouble=replace(
                trouble,
                rotations=rotations,
                bypassing=handle is None,
                bypasses=trouble.bypasses + (handle is None),
            ),
            rows=rows,
        )
        if rotations == 1:
            return Step(wire, updates)
        if rotations > MAX_ROTATIONS:
            error: RemoteError = WireError(
                f"the log was begun anew {rotations} times in a row: "
                "something between the server and here answers from a cache"
            )
        else:
            error = Refused(409, "the log begins anew", retry_after=_growing(rotations - 2))
        return Step(wire, (*updates, Closed(error)))

    def _bypass(self) -> Step[Self]:
        trouble = self.trouble
        if trouble.stale >= MAX_STALE:
            return self._closed(
                WireError(
                    "the server's answers are older than what it said before: "
                    "something between it and here answers from a cache"
                )
            )
        past = replace(
            trouble, stale=trouble.stale + 1, bypassing=True, bypasses=trouble.bypasses + 1
        )
        return Step(replace(self, trouble=past), ())

    def _fail(self, answer: Answer, got: Response) -> Step[Self]:
        match answer.got:
            case Got.INCOMPLETE:
                names = ", ".join(answer.missing)
                return self._closed(WireError(f"the answer lacks the header {names}"))
            case Got.UNUSABLE:
                kind = got.headers.get("content-type", "no content type")
                what = f"instead of rows, the server answered with {kind:.80}"
                unusable = self.trouble.unusable + 1
                is_last = unusable >= MAX_UNUSABLE
                error = WireError(what) if is_last else ConnectFailed(what)
                return self._closed(error, unusable=unusable)
            case _:
                return self._closed(refused(got))

    def _closed(self, error: RemoteError, *, unusable: int = 0) -> Step[Self]:
        trouble = replace(self.trouble, unusable=unusable or self.trouble.unusable)
        return Step(replace(self, trouble=trouble), (Closed(error),))


def _growing(times: int) -> float:
    """Return seconds: a quarter, and twice as long each time, to five."""
    return min(5.0, 0.25 * float(2**times))
