"""The exception tree: drawn, carried, said, and judged."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

from rx_realtime import errors
from rx_realtime.errors import (
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
    Stalled,
    TokenError,
    TokenFactoryError,
    Unfinished,
    WireError,
    is_retryable,
    least_wait,
    refusal,
)

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and value.__module__ == errors.__name__
]


def drawn_tree() -> dict[str, str]:
    """The parent of each error, as the docstring of the module draws it."""
    parents, path = dict[str, str](), list[str]()
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"^    ([│ ]*(?:[├└]── )?)([A-Z]\w+)(?:  |$)", line):
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            parents[match[2]] = path[depth - 1] if depth else "Exception"
    return parents


def test_the_tree_is_as_it_is_drawn():
    assert drawn_tree() == {each.__name__: each.__bases__[0].__name__ for each in CLASSES}


def test_every_error_is_offered():
    assert {each.__name__ for each in CLASSES} <= set(errors.__all__)


# ── what they say, and whether trying again may help ──────────────────────────────────────────

# An error, its sentence, may the same thing succeed later, and what the server asks for.
ERRORS: dict[str, tuple[BaseException, str, bool, float]] = {
    "any of ours": (RealtimeError("x"), "x", False, 0),
    "local": (LocalError("x"), "x", False, 0),
    "an option": (OptionError("x"), "x", False, 0),
    "a token": (TokenError("x"), "x", False, 0),
    "a payload": (PayloadError("x"), "x", False, 0),
    "a full buffer": (
        Overflowed(7),
        (
            "the reader fell 7 values behind; read faster, raise `buffer`, or choose another "
            "`overflow` policy"
        ),
        False,
        0,
    ),
    "a value that never came": (Unfinished("x"), "x", False, 0),
    "the token factory": (TokenFactoryError("x"), "x", True, 0),
    "no connection": (ConnectFailed("no such host"), "no connection: no such host", True, 0),
    "no connection, and never will be": (
        ConnectFailed("the certificate is for another host", transient=False),
        "no connection: the certificate is for another host",
        False,
        0,
    ),
    "a stream cut off": (
        Incomplete("s"),
        "the datastream 's' broke off before its end",
        False,
        0,
    ),
    "silence": (Stalled(30.0), "waited 30 s for anything from the server", True, 0),
    "silence instead of a token": (Stalled(0.5, "a token"), "waited 0.5 s for a token", True, 0),
    "too much at once": (
        FrameTooLarge(5),
        "the server sent more than 5 bytes at once; `max_size` raises the limit",
        False,
        0,
    ),
    "another protocol": (WireError("x"), "x", False, 0),
    "lost": (ConnectionLost(), "the connection was lost", True, 0),
    "lost without a close frame": (
        ConnectionLost(1006),
        "the connection was lost with code 1006",
        True,
        0,
    ),
    "closed before the end": (
        ConnectionLost(1000, "bye"),
        "the connection was lost with code 1000 ('bye')",
        True,
        0,
    ),
    "the server goes away": (
        ConnectionLost(1001),
        "the connection was lost with code 1001",
        True,
        0,
    ),
    "the server failed": (ConnectionLost(1011), "the connection was lost with code 1011", True, 0),
    "the server restarts": (
        ConnectionLost(1012),
        "the connection was lost with code 1012",
        True,
        0,
    ),
    "try again later": (ConnectionLost(1013), "the connection was lost with code 1013", True, 5),
    **{
        f"closed for good with {code}": (
            ConnectionLost(code),
            f"the connection was lost with code {code}",
            False,
            0,
        )
        for code in (1002, 1003, 1007, 1008, 1010, 4001, 4003, 4401, 4403)
    },
    **{
        f"refused with {status}": (
            refusal(status, "x"),
            f"the server answered {status}: x",
            status in (408, 409, 425, 429) or status >= 500,
            0,
        )
        for status in (302, 400, 401, 403, 404, 405, 408, 409, 410, 413, 425, 426, 429, 500, 503)
    },
    "refused for a while": (
        refusal(429, retry_after=7.0),
        "the server answered 429",
        True,
        7,
    ),
    "refused for a while in whole seconds": (
        refusal(503, retry_after=7),
        "the server answered 503",
        True,
        7,
    ),
    "not there yet": (
        refusal(404, should_retry=True),
        "the server answered 404",
        True,
        0,
    ),
    "not for a long time": (
        refusal(503, should_retry=False),
        "the server answered 503",
        False,
        0,
    ),
    "a bug": (ZeroDivisionError("x"), "x", False, 0),
    "somebody else's connection": (ConnectionResetError("x"), "x", False, 0),
    "somebody else's timeout": (TimeoutError("x"), "x", False, 0),
    "Ctrl-C": (KeyboardInterrupt(), "", False, 0),
}


@pytest.mark.parametrize(
    ("error", "sentence", "retryable", "wait"), ERRORS.values(), ids=ERRORS.keys()
)
def test_an_error_says_what_happened_and_whether_to_try_again(
    error: BaseException, sentence: str, retryable: bool, wait: float
):
    assert str(error) == sentence
    assert is_retryable(error) is retryable
    assert least_wait(error) == wait


def test_every_kind_of_error_is_in_the_table():
    assert {type(error) for error, *_ in ERRORS.values()} >= set(CLASSES) - {errors.RemoteError}


@pytest.mark.parametrize(
    ("status", "kind"), [(401, NotAuthorized), (403, Forbidden), (404, NotFound), (418, Refused)]
)
def test_a_refusal_is_of_the_kind_of_its_status(status: int, kind: type[Refused]):
    error = refusal(status, "why", retry_after=2.0)
    assert type(error) is kind
    assert (error.status, error.detail, error.retry_after) == (status, "why", 2.0)


def test_a_wrong_argument_is_a_value_error_as_well():
    assert issubclass(OptionError, ValueError)
    assert issubclass(PayloadError, ValueError)


COPIES: dict[str, Callable[[Any], Any]] = {
    "copied": copy.copy,
    "pickled": lambda error: pickle.loads(pickle.dumps(error)),  # noqa: S301  # our own bytes
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize("error", [row[0] for row in ERRORS.values()], ids=ERRORS.keys())
def test_an_error_can_be_sent_to_another_process(
    error: BaseException, copied: Callable[[Any], Any]
):
    twin = copied(error)
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
