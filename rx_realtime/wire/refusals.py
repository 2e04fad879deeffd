"""What an HTTP error says: in which words, whether to come back, and when."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast

from ..errors import Refused, refusal
from .base import Response
from .json_text import decode_json

__all__ = ["check", "least_seconds", "refused", "said"]

_CAP: Final = 3600.0
_SHOWN: Final = 300
_MILLISECONDS: Final = 1e11  # a moment after 1973 in milliseconds, after 5138 in seconds
_FIELDS: Final = ("error", "message", "detail", "title")
_SHOULD_RETRY: Mapping[str, bool] = {"true": True, "false": False}
#: What servers and caches also say when the same may succeed a moment later.
_PASSING: Final = frozenset({304, 499})


def check(response: Response) -> None:
    """Let an answer pass that is a success.

    Raises:
        Refused: with the server's own words, where it is none.
    """
    if not 200 <= response.status < 300:
        raise refused(response)


def refused(response: Response) -> Refused:
    """Make the error that an answer stands for."""
    should_retry = _SHOULD_RETRY.get(response.headers.get("x-should-retry", ""))
    if should_retry is None and response.status in _PASSING:
        should_retry = True
    return refusal(
        response.status,
        said(response.body),
        retry_after=least_seconds(response.headers),
        should_retry=should_retry,
    )


def said(body: bytes) -> str:
    """Return what the body of an error says, shortened; a page says nothing."""
    with suppress(ValueError, RecursionError):
        fields = decode_json(body)
        if isinstance(fields, dict):
            for name in _FIELDS:
                if isinstance(word := cast(dict[str, Any], fields).get(name), str):
                    return word[:_SHOWN]
    text = body[:_SHOWN].decode("utf-8", "replace").strip()
    return "" if text.startswith("<") else text


def least_seconds(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the server wants us to stay away; never over an hour.

    Moments are compared with the server's own clock, its `Date`: ours may be wrong.
    """
    after = headers.get("retry-after", "")
    now = _moment(headers.get("date", ""))
    if (seconds := _number(after)) is not None:
        return min(max(seconds, 0.0), _CAP)
    until = _moment(after)
    if until is None and (reset := _number(headers.get("x-ratelimit-reset", ""))) is not None:
        until = reset / 1000 if reset > _MILLISECONDS else reset
    if until is None or now is None or until <= now:
        return None
    return min(until - now, _CAP)


def _number(text: str) -> float | None:
    return float(text) if text.replace(".", "", 1).isdecimal() else None


def _moment(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
