from __future__ import annotations

import pytest

from rx_realtime.errors import OptionError
from rx_realtime.transports import Settings


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "app.localhost",
        "127.0.0.1",
        "127.1.2.3",
        "[::1]",
        "user@localhost",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "ws", "HTTP"])
def test_this_machine_may_be_spoken_to_in_the_clear(scheme: str, host: str):
    assert Settings().guard(f"{scheme}://{host}:8288/path")


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "127.0.0.1.example.com",
        "127.evil.example",
        "localhost.example.com",
        "notlocalhost",
        "10.0.0.1",
        "0.0.0.0",  # noqa: S104
        "[fe80::1]",
        "127.0.0.1@example.com",
        "",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "ws", "HTTP"])
def test_another_machine_may_not(scheme: str, host: str):
    with pytest.raises(OptionError, match="allow_insecure=True"):
        Settings().guard(f"{scheme}://{host}/path")
    assert not Settings(allow_insecure=True).guard(f"{scheme}://{host}/path")


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_with_tls_any_may(scheme: str):
    assert not Settings().guard(f"{scheme}://example.com/")
    assert Settings().guard(f"{scheme}://localhost/")


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://localhost:port/", "http://localhost:99999/"]
)
def test_what_is_no_url_is_said_to_be_none(url: str):
    with pytest.raises(OptionError, match="that is no URL"):
        Settings().guard(url)


def test_a_file_without_certificates_is_named():
    with pytest.raises(OptionError, match=r"no certificates in nowhere\.pem"):
        _ = Settings(ca_file="nowhere.pem").tls
    with pytest.raises(OptionError, match="no certificates in"):
        _ = Settings(ca_file=__file__).tls


def test_certificates_are_always_verified_and_loaded_once():
    context = Settings().tls
    assert context.check_hostname
    assert Settings(open_timeout=1).tls is context
