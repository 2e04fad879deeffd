"""Where Inngest's servers are, and which keys open them: the environment, read as its SDKs do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct
from pydantic import SecretStr

from ...errors import OptionError

__all__ = [
    "CLOUD_API",
    "CLOUD_EVENTS",
    "CONNECT_PATH",
    "DEV_SERVER",
    "PUBLISH_PATH",
    "SSE_PATH",
    "TEE_PATH",
    "TOKEN_PATH",
    "Account",
    "hash_signing_key",
    "is_loopback",
    "join",
    "websocket_url",
]

DEV_SERVER: Final = "http://localhost:8288/"
CLOUD_API: Final = "https://api.inngest.com/"
CLOUD_EVENTS: Final = "https://inn.gs/"

CONNECT_PATH: Final = "/v1/realtime/connect"
SSE_PATH: Final = "/v1/realtime/sse"
TOKEN_PATH: Final = "/v1/realtime/token"
PUBLISH_PATH: Final = "/v1/realtime/publish"
TEE_PATH: Final = "/v1/realtime/publish/tee"

_HTTP = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_FALSE = frozenset({"", "0", "false"})
_KEY_PREFIX = re.compile(r"signkey-\w+-")
_HEX = re.compile(r"([0-9a-fA-F]{2})+")


class Account(Struct, frozen=True):
    """Which server, and the keys to it. All that the environment has to say.

    Attributes:
        api_url: publishing, tokens, runs.
        event_url: sending events.
        is_dev: a dev server, which asks for no key.
        env: the branch environment, sent as `x-inngest-env`.
        dev_hosts: the hosts that the environment names as a dev server's: plain HTTP may go there.
    """

    api_url: str
    event_url: str
    is_dev: bool
    signing_key: SecretStr | None = None
    signing_key_fallback: SecretStr | None = None
    event_key: SecretStr | None = None
    env: str | None = None
    dev_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, environ: Mapping[str, str], api_base_url: str | None = None) -> Self:
        """Read the `INNGEST_*` variables; `api_base_url` wins over them.

        Raises:
            OptionError: if a base URL is none.
        """
        dev = environ.get("INNGEST_DEV", "")
        dev_url = dev if "://" in dev else None
        base = (
            api_base_url
            or environ.get("INNGEST_API_BASE_URL")
            or environ.get("INNGEST_BASE_URL")
            or dev_url
        )
        # Only who says nothing gets an answer by the address: a key may guard a local server too.
        is_dev = dev.lower() not in _FALSE or (not dev and base is not None and is_loopback(base))
        named = (
            environ.get("INNGEST_API_BASE_URL"),
            environ.get("INNGEST_EVENT_API_BASE_URL"),
            environ.get("INNGEST_BASE_URL"),
            dev_url,
        )
        event = (
            api_base_url
            or environ.get("INNGEST_EVENT_API_BASE_URL")
            or environ.get("INNGEST_BASE_URL")
            or dev_url
        )
        return cls(
            api_url=_checked(base or (DEV_SERVER if is_dev else CLOUD_API)),
            event_url=_checked(event or (DEV_SERVER if is_dev else CLOUD_EVENTS)),
            is_dev=is_dev,
            signing_key=_secret(environ.get("INNGEST_SIGNING_KEY")),
            signing_key_fallback=_secret(environ.get("INNGEST_SIGNING_KEY_FALLBACK")),
            event_key=_secret(environ.get("INNGEST_EVENT_KEY")),
            env=environ.get("INNGEST_ENV") or None,
            dev_hosts=frozenset(_host(url) for url in named if url and is_dev),
        )

    def headers(self) -> dict[str, str]:
        """Return the headers that every request carries."""
        return {} if self.env is None else {"x-inngest-env": self.env}


def hash_signing_key(key: SecretStr) -> SecretStr:
    """Return the key as it may travel: its prefix, and the SHA-256 of the bytes its digits name.

    Raises:
        OptionError: if the key is not hexadecimal.
    """
    text = key.get_secret_value()
    prefix = match.group() if (match := _KEY_PREFIX.match(text)) else ""
    digits = text.removeprefix(prefix)
    if not _HEX.fullmatch(digits):
        raise OptionError("a signing key is 'signkey-<env>-' and hexadecimal digits")
    return SecretStr(prefix + hashlib.sha256(bytes.fromhex(digits)).hexdigest())


def join(base: str, path: str) -> str:
    """Return the URL of `path` on the server of `base`; a path in `base` is dropped.

    Raises:
        OptionError: if `base` is no base URL.
    """
    parts = urlsplit(_checked(base))
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def websocket_url(url: str) -> str:
    """Return the URL with the scheme for websockets: `http` becomes `ws`, all else `wss`."""
    parts = urlsplit(_checked(url))
    return urlunsplit(parts._replace(scheme="ws" if parts.scheme == "http" else "wss"))


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(_checked(url)).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name
        return host == "localhost" or host.endswith(".localhost")


def _checked(url: str) -> str:
    """Return the URL as one for HTTP: people also give the address of the websocket."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
        scheme = _HTTP.get(parts.scheme) if parts.hostname else None
        if scheme is not None and "@" not in parts.netloc:  # a password would be shown
            return urlunsplit(parts._replace(scheme=scheme))
    except ValueError:
        pass
    raise OptionError(f"a base URL looks like http://localhost:8288, not {url!r:.200}")


def _host(url: str) -> str:
    return urlsplit(_checked(url)).hostname or ""


def _secret(value: str | None) -> SecretStr | None:
    return SecretStr(value) if value else None
