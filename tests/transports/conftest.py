from __future__ import annotations

import pytest

from tests.transports.kinds import FAST, SSE, WEBSOCKET, Kind


@pytest.fixture(params=[WEBSOCKET, FAST, SSE], ids=["websocket", "picows", "sse"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Whatever carries."""
    kind: Kind = request.param
    return kind


@pytest.fixture(params=[WEBSOCKET, FAST], ids=["websocket", "picows"])
def ws(request: pytest.FixtureRequest) -> Kind:
    """Whatever carries websockets."""
    kind: Kind = request.param
    return kind
