"""What the interop tests share: the vendors' SDKs, or the reason why there is no Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial

import inngest
import pytest

from rx_realtime.server import DevServer, TaskRun
from rx_realtime.server.trigger.stream_store import StreamsVersion
from tests.interop.node_client import HERE, NodeClient, run_node
from tests.interop.node_sdk import NodeSdk

Node = Callable[[str, object], AbstractAsyncContextManager[NodeClient]]


@pytest.fixture
def node(npm: None, server: DevServer) -> Node:
    """Start a program of `clients/` against the test's server: `async with node(name, what)`."""
    return partial(run_node, url=server.url)


@pytest.fixture(scope="session")
def node_sdk(npm: None) -> Iterator[NodeSdk]:
    """The npm SDK of Trigger.dev, for all tests."""
    sdk = NodeSdk()
    yield sdk
    sdk.stop()


@pytest.fixture
def sdk(node_sdk: NodeSdk, server: DevServer) -> NodeSdk:
    """Call functions of the npm SDK of Trigger.dev against the test's server."""
    return node_sdk.use(server.url, server.trigger.secret_key.get_secret_value())


@pytest.fixture
def at_home(server: DevServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at the test's server, by the one thing that users set for it."""
    for name in [name for name in os.environ if name.startswith("INNGEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("INNGEST_DEV", server.url)


@pytest.fixture(params=["v1", "v2"])
def run(server: DevServer, request: pytest.FixtureRequest) -> TaskRun:
    """A run whose streams are read in the older dialect, and one where it is the newer."""
    version: StreamsVersion = request.param
    return server.trigger.start_run(streams_version=version)


@pytest.fixture
def trigger_at_home(server: DevServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at the test's server, by what users of Trigger.dev set for it."""
    for name in [name for name in os.environ if name.startswith("TRIGGER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRIGGER_API_URL", server.url)
    monkeypatch.setenv("TRIGGER_SECRET_KEY", server.trigger.secret_key.get_secret_value())


@pytest.fixture
async def pypi(at_home: None) -> AsyncIterator[inngest.Inngest]:
    """The client of the PyPI SDK, as its users make one."""
    client = inngest.Inngest(app_id="interop")
    yield client
    # The SDK has no way to close its connections; left open they would warn, which fails a test.
    await client._http_client._http_client.aclose()
    client._http_client._http_client_sync.close()


@pytest.fixture(scope="session")
def npm() -> None:
    """Skip where the npm SDKs cannot run; fail where the environment says that they must."""
    problem = what_is_missing()
    if problem is None:
        return
    if os.environ.get("RX_REALTIME_REQUIRE_NODE") == "1":
        pytest.fail(problem, pytrace=False)
    pytest.skip(problem)


def what_is_missing() -> str | None:
    """Tell what keeps the npm SDKs from running here."""
    if shutil.which("node") is None:
        return "Node is not on the PATH"
    printed = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    version = printed.stdout.strip()
    # From 20.10 on there is a flag for the WebSocket that the SDK needs.
    if version_of(version) < (20, 10):
        return f"Node 20.10 or newer is needed, and this is {version or printed.stderr.strip()}"
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    for name, wanted in pinned.items():
        found = HERE / "node_modules" / name / "package.json"
        if not found.exists() or json.loads(found.read_text())["version"] != wanted:
            return f"{name} {wanted} is not installed; run `npm ci` in tests/interop"
    return None


def version_of(text: str) -> tuple[int, int]:
    """Read the first two numbers of `v20.10.0`; what is no version is older than any."""
    major, _, rest = text.removeprefix("v").partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)
