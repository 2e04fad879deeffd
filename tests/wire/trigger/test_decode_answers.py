"""Calls: what the answers mean."""

from __future__ import annotations

import pytest

from rx_realtime.errors import WireError
from rx_realtime.wire import Response
from rx_realtime.wire.trigger.decode_answers import decode_accepted


def test_an_answer_that_is_none_shows_nothing_of_itself():
    with pytest.raises(WireError) as caught:
        decode_accepted(Response(200, {"content-type": "text/html"}, b"canary"))
    assert "canary" not in str(caught.value) + repr(caught.value.__context__)
