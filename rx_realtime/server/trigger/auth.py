"""Who may do what: each check returns the caller, or the answer that refuses."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from ...wire.trigger.answers import FORBIDDEN, encode_error, encode_problem
from ...wire.trigger.scopes import Scope
from ..answers import json_answer
from ..seen import path_of
from .engine import Trigger
from .keys import Caller
from .runs import TaskRun

__all__ = ["HOLDS", "NEEDS", "forbid", "identify", "readers_of", "writers_of"]

#: Headers that tell a developer, and not the client's code, why a token does not suffice.
NEEDS = "x-rx-realtime-needs"
HOLDS = "x-rx-realtime-holds"

_READABLE = ":/@,.+=~ "


def identify(
    trigger: Trigger, request: Request, *, tokens: bool = True, words: str | None = None
) -> Caller | Response:
    """Say who calls, or answer 401.

    Args:
        tokens: whether a public access token is accepted.
        words: what this route says to everybody it does not know, where it has words of its own.
    """
    if "authorization" not in request.headers and path_of(request.scope).startswith("/api/"):
        detail = "No authorization header provided"
        body = encode_problem("Unauthorized", 401, detail)
        return Response(body, 401, media_type="application/problem+json")
    caller = trigger.keys.caller(request, tokens=tokens)
    if isinstance(caller, Caller):
        return caller
    return json_answer(encode_error(words or caller), 401)


def forbid(caller: Caller, *needed: Scope) -> Response | None:
    """Answer 403 unless one of these scopes is held."""
    if caller.may(*needed):
        return None
    assert caller.claims is not None  # a secret key may do everything
    told = {
        NEEDS: " ".join(_shown(str(each)) for each in needed),
        HOLDS: " ".join(map(_shown, caller.claims.scopes)),
    }
    return json_answer(FORBIDDEN, 403, told)


def readers_of(run: TaskRun) -> list[Scope]:
    """Return the scopes of which one suffices to see a run."""
    scopes = [Scope("read", "runs", run.id), Scope("read", "tasks", run.row.task_identifier)]
    scopes += [Scope("read", "tags", tag) for tag in run.row.run_tags]
    if run.batch_id is not None:
        scopes.append(Scope("read", "batch", run.batch_id))
    return scopes


def writers_of(run: TaskRun) -> list[Scope]:
    """Return the scopes of which one suffices to cancel or replay a run."""
    return [Scope("write", "runs", run.id), Scope("write", "tasks", run.row.task_identifier)]


def _shown(scope: str) -> str:
    return quote(scope, safe=_READABLE).replace(" ", "%20")
