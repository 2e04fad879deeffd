"""How connections are carried: times, limits, and what is never allowed."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from ..errors import OptionError

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """What every transport observes. All times in seconds, all sizes in bytes.

    Attributes:
        open_timeout: name, TCP, TLS and handshake together.
        ping_interval: how long a websocket is left without a ping, at most.
        pong_timeout: how long a pong may take; then the peer counts as gone.
        close_timeout: how long a closing handshake may take.
        idle_timeout: how long a body that streams may be silent, keepalives included.
        max_size: the largest frame or event, after decompression.
        allow_insecure: allow plain `http:` and `ws:` to other machines than this one.
        insecure_hosts: allow it to these machines.
        ca_file: certificates to trust instead of the system's. Verification is never off.
        websockets: the library that carries websockets: "picows", which the extra `[fast]`
            installs, or "websockets"; "auto" is the faster of those that are here. What goes
            through a proxy, the latter carries always.
    """

    open_timeout: float = 10.0
    ping_interval: float = 15.0
    pong_timeout: float = 10.0
    close_timeout: float = 1.0
    idle_timeout: float = 60.0
    max_size: int = 8 * 1024 * 1024
    allow_insecure: bool = False
    insecure_hosts: frozenset[str] = frozenset()
    ca_file: str | None = None
    websockets: Literal["auto", "picows", "websockets"] = "auto"

    def guard(self, url: str) -> bool:
        """Return whether the URL's host is this machine.

        Raises:
            OptionError: if a token would travel in the clear to another machine, or it is no URL.
        """
        try:
            parts = urlsplit(url)
            _ = parts.port  # raises where it is no number
        except ValueError as error:
            raise OptionError(f"that is no URL: {error}") from None
        host = parts.hostname or ""
        here = _is_this_machine(host)
        allowed = here or self.allow_insecure or host in self.insecure_hosts
        if parts.scheme in ("http", "ws") and not allowed:
            raise OptionError(
                f"{parts.scheme}://{parts.hostname} would carry the token in the clear: "
                "use TLS, or say allow_insecure=True"
            )
        return here

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Certificates are always verified. Made once: loading them takes tens of milliseconds.

        Raises:
            OptionError: if `ca_file` holds no certificates.
        """
        try:
            return _tls(self.ca_file)
        except OSError as error:  # an SSLError is one
            raise OptionError(f"no certificates in {self.ca_file}: {error.strerror}") from None


@lru_cache(maxsize=8)
def _tls(ca_file: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name; one that only begins like our address may be anybody's
        return host == "localhost" or host.endswith(".localhost")
