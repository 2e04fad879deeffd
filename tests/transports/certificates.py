"""Certificates for one test run, from an authority that nobody trusts."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import trustme


class Authority:
    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        path = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(path)
        self.ca_file = str(path)

    def server(self, name: str, *, is_expired: bool = False) -> ssl.SSLContext:
        """Return what a server needs to be believed, or not, that it is `name`."""
        until = datetime(2026, 1, 2, tzinfo=UTC) if is_expired else None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(name, not_after=until).configure_cert(context)
        return context
