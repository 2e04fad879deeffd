from __future__ import annotations

import threading

import pytest

from rx_realtime.errors import LocalError, OptionError
from rx_realtime.server import DevServer


def test_a_call_returns_what_the_function_or_coroutine_returns():
    with DevServer() as server:
        assert server.call(threading.get_ident) != threading.get_ident()
        assert server.call(server.inngest.until_connections, 0) is None


def test_a_call_raises_what_the_function_raises():
    with DevServer() as server, pytest.raises(ZeroDivisionError):
        server.call(divmod, 1, 0)


def test_a_call_needs_a_thread_to_call_into():
    with pytest.raises(LocalError, match="just call it"):
        DevServer().call(len, "")


def test_a_start_that_fails_leaves_no_thread():
    before = set(threading.enumerate())
    with DevServer() as server, pytest.raises(OptionError), DevServer(port=server.port):
        pass
    assert set(threading.enumerate()) <= before


def test_two_threads_run_side_by_side():
    with DevServer() as one, DevServer() as two:
        assert one.call(threading.get_ident) != two.call(threading.get_ident)


def test_the_thread_ends_when_the_block_raises():
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError), DevServer():
        divmod(1, 0)
    assert set(threading.enumerate()) <= before
