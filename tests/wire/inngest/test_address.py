"""Where the servers are, and what the environment says about it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from rx_realtime.errors import OptionError
from rx_realtime.wire.inngest import Account
from rx_realtime.wire.inngest.address import (
    CLOUD_API,
    CLOUD_EVENTS,
    DEV_SERVER,
    hash_signing_key,
    is_loopback,
    join,
    websocket_url,
)

# The environment, the option, and then: api, events, is it a dev server?
ENVIRONMENTS: dict[str, tuple[dict[str, str], str | None, tuple[str, str, bool]]] = {
    "nothing is the cloud": ({}, None, (CLOUD_API, CLOUD_EVENTS, False)),
    "INNGEST_DEV=1": ({"INNGEST_DEV": "1"}, None, (DEV_SERVER, DEV_SERVER, True)),
    "INNGEST_DEV=true": ({"INNGEST_DEV": "true"}, None, (DEV_SERVER, DEV_SERVER, True)),
    "INNGEST_DEV=0": ({"INNGEST_DEV": "0"}, None, (CLOUD_API, CLOUD_EVENTS, False)),
    "INNGEST_DEV=False": ({"INNGEST_DEV": "False"}, None, (CLOUD_API, CLOUD_EVENTS, False)),
    "INNGEST_DEV is empty": ({"INNGEST_DEV": ""}, None, (CLOUD_API, CLOUD_EVENTS, False)),
    "INNGEST_DEV is a URL": (
        {"INNGEST_DEV": "http://dev:1"},
        None,
        ("http://dev:1", "http://dev:1", True),
    ),
    "INNGEST_BASE_URL is for both": (
        {"INNGEST_BASE_URL": "http://both:1", "INNGEST_DEV": "http://dev:1"},
        None,
        ("http://both:1", "http://both:1", True),
    ),
    "each its own": (
        {
            "INNGEST_API_BASE_URL": "https://api",
            "INNGEST_EVENT_API_BASE_URL": "https://events",
            "INNGEST_BASE_URL": "https://both",
        },
        None,
        ("https://api", "https://events", False),
    ),
    "the option wins": (
        {"INNGEST_API_BASE_URL": "https://api", "INNGEST_DEV": "0"},
        "https://option",
        ("https://option", "https://option", False),
    ),
    "this machine is a dev server": (
        {},
        "http://127.0.0.1:8288",
        ("http://127.0.0.1:8288", "http://127.0.0.1:8288", True),
    ),
    "this machine is none when somebody says so": (
        {"INNGEST_DEV": "0"},
        "http://localhost:8288",
        ("http://localhost:8288", "http://localhost:8288", False),
    ),
    "the address of a websocket does as well": (
        {},
        "wss://option/",
        ("https://option/", "https://option/", False),
    ),
}


@pytest.mark.parametrize(
    ("environ", "option", "expected"), ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys()
)
def test_the_environment_says_where_the_servers_are(
    environ: dict[str, str], option: str | None, expected: tuple[str, str, bool]
):
    account = Account.of(environ, option)
    assert (account.api_url, account.event_url, account.is_dev) == expected


def test_the_environment_holds_the_keys_and_the_branch():
    account = Account.of(
        {
            "INNGEST_SIGNING_KEY": "canary-1",
            "INNGEST_SIGNING_KEY_FALLBACK": "canary-2",
            "INNGEST_EVENT_KEY": "canary-3",
            "INNGEST_ENV": "branch",
        }
    )
    assert account.signing_key == SecretStr("canary-1")
    assert account.signing_key_fallback == SecretStr("canary-2")
    assert account.event_key == SecretStr("canary-3")
    assert account.headers() == {"x-inngest-env": "branch"}
    assert "canary" not in repr(account)
    assert "canary" not in str(account)


def test_an_empty_variable_says_nothing():
    names = ("SIGNING_KEY", "SIGNING_KEY_FALLBACK", "EVENT_KEY", "ENV", "BASE_URL", "API_BASE_URL")
    account = Account.of({f"INNGEST_{name}": "" for name in names}, "")
    assert account == Account.of({})
    assert account.headers() == {}


BAD = ["localhost:8288", "ftp://h", "http://", "//h", "http://h:port", "http://[::1", "h", "http:h"]


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_is_none_is_refused(url: str):
    with pytest.raises(OptionError, match="a base URL looks like"):
        Account.of({}, url)
    with pytest.raises(OptionError):
        Account.of({"INNGEST_EVENT_API_BASE_URL": url})
    with pytest.raises(OptionError):
        join(url, "/v1")
    with pytest.raises(OptionError):
        websocket_url(url)
    with pytest.raises(OptionError):
        is_loopback(url)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h", "http://h/v1/x"),
        ("http://h:1/", "http://h:1/v1/x"),
        ("https://h/a/b?c=d#e", "https://h/v1/x"),
        ("HTTP://Host", "http://Host/v1/x"),
        ("http://[::1]:8288", "http://[::1]:8288/v1/x"),
        ("ws://h", "http://h/v1/x"),
    ],
)
def test_a_path_is_joined_to_the_server_and_not_to_the_path_of_its_address(base: str, url: str):
    assert join(base, "/v1/x") == url


@pytest.mark.parametrize(
    ("url", "websocket"),
    [
        ("http://h:1/p", "ws://h:1/p"),
        ("https://h/p", "wss://h/p"),
        ("ws://h/p", "ws://h/p"),
        ("wss://h/p", "wss://h/p"),
    ],
)
def test_a_websocket_is_as_safe_as_its_page(url: str, websocket: str):
    assert websocket_url(url) == websocket


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("127.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("notlocalhost", False),
        ("10.0.0.1", False),
        ("[::2]", False),
    ],
)
def test_only_this_machine_is_this_machine(host: str, answer: bool):
    assert is_loopback(f"http://{host}:8288/") is answer


# ── signing keys ──────────────────────────────────────────────────────────────────────────────

# As the real server accepted it: the digest of the bytes that 32 times "ab" names.
DIGEST = "9a2db2e23f1504cd056606553ac049c5e718e8f9ce9233876df1a7a1821af885"


@pytest.mark.parametrize("prefix", ["signkey-test-", "signkey-prod-", "signkey-branch_1-", ""])
def test_a_signing_key_travels_as_a_digest_of_its_bytes_behind_its_prefix(prefix: str):
    assert hash_signing_key(SecretStr(prefix + "ab" * 32)) == SecretStr(prefix + DIGEST)
    assert hash_signing_key(SecretStr(prefix + "AB" * 32)) == SecretStr(prefix + DIGEST)


@pytest.mark.parametrize(
    "key", ["", "signkey-test-", "canary", "signkey-test-canary", "abc", "ab cd", "ab\n", "٣٣"]
)
def test_a_signing_key_that_is_none_is_refused_without_showing_it(key: str):
    with pytest.raises(OptionError) as caught:
        hash_signing_key(SecretStr(key))
    assert "canary" not in repr(caught.value)
    assert caught.value.__context__ is None


def test_only_hosts_that_the_environment_names_count_as_a_dev_servers() -> None:
    dev = {"INNGEST_DEV": "http://inngest:8288"}
    assert Account.of(dev).dev_hosts == {"inngest"}
    assert Account.of(dev, "http://elsewhere:1").dev_hosts == {"inngest"}
    assert Account.of({"INNGEST_DEV": "1"}, "http://elsewhere:1").dev_hosts == frozenset()
    assert Account.of({"INNGEST_DEV": "0", "INNGEST_BASE_URL": "http://x"}).dev_hosts == frozenset()
