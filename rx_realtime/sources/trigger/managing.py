"""Runs over the REST API: shown, cancelled, tagged, and their metadata changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import OptionError
from ...models import Run
from ...transports import Settings
from ...wire import Request
from ...wire.refusals import check
from ...wire.trigger import Account
from ...wire.trigger.api import cancel_request, metadata_request, retrieve_request, tags_request
from ...wire.trigger.decode_answers import decode_metadata, decode_retrieved
from ..feed import Feed
from .account import asked

__all__ = ["add_tags", "cancel", "retrieve", "update_metadata"]

_SETTINGS = Settings()


def retrieve(
    run_id: str, *, api_base_url: str | None = None, settings: Settings = _SETTINGS
) -> Feed[Run]:
    """Ask once how a run stands.

    Args:
        run_id: which run, `run_…`.
        api_base_url: the server; by default what the `TRIGGER_*` variables say.
        settings: times and limits.

    Errors:
        NotFound: there is no such run, or not for five attempts.
        NotAuthorized, Forbidden, Refused, ConnectFailed, ConnectionLost, Stalled, WireError,
        OptionError.
    """

    def request(account: Account) -> Request:
        return retrieve_request(account, run_id)

    return asked(api_base_url, settings, request, decode_retrieved)


def cancel(
    run_id: str, *, api_base_url: str | None = None, settings: Settings = _SETTINGS
) -> Feed[None]:
    """Cancel a run. Arguments and errors as for `retrieve`."""

    def request(account: Account) -> Request:
        return cancel_request(account, run_id)

    return asked(api_base_url, settings, request, check)


def add_tags(
    run_id: str,
    tags: str | Iterable[str],
    *,
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[None]:
    """Add tags to a run; it has ten at most. Arguments and errors as for `retrieve`."""
    names = [tags] if isinstance(tags, str) else list(tags)

    def request(account: Account) -> Request:
        return tags_request(account, run_id, names)

    return asked(api_base_url, settings, request, check)


def update_metadata(
    run_id: str,
    metadata: Mapping[str, Any] | None = None,
    *,
    operations: Iterable[Mapping[str, Any]] = (),
    api_base_url: str | None = None,
    settings: Settings = _SETTINGS,
) -> Feed[Any]:
    """Replace a run's metadata, or change parts of it. Delivers all of it as it is then.

    Args:
        run_id: which run.
        metadata: takes the place of what was there.
        operations: `{"type": "set", "key": "progress", "value": 5}`, `{"type": "increment", …}`,
            `append`, `remove`, `delete`; a key that begins with `$.` is a JSON path.
        api_base_url: as for `retrieve`.
        settings: as for `retrieve`.

    Raises:
        OptionError: if both are given, or none.

    Errors:
        PayloadError: it cannot be said, or is over the server's limit.
        As for `retrieve`.
    """
    several = [dict(each) for each in operations]
    if (metadata is None) == (not several):
        raise OptionError("say either `metadata` or `operations`")
    change = {"operations": several} if metadata is None else {"metadata": dict(metadata)}

    def request(account: Account) -> Request:
        return metadata_request(account, run_id, change)

    return asked(api_base_url, settings, request, decode_metadata)
